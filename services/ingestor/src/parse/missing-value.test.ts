import type { Definition } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import t from 'tap';
import { missingTest } from './missing-value.ts';

t.test('texts that mean that a value is missing are compared trimmed and in NFC', async (t) => {
  const isMissing = missingTest({ ...USERS, missing: [' N/A ', 'cafe\u0301', ''] } satisfies Definition);
  for (const text of ['N/A', 'caf\u00e9', 'cafe\u0301', '', '\u200b'])
    t.ok(isMissing(text), JSON.stringify(text));
  for (const text of ['n/a', 'N/A.', 'cafe', '0']) t.notOk(isMissing(text), text);
});
