import fs from 'node:fs';
import path from 'node:path';
import { makeLogger } from '@landfall/process/logger';
import t from 'tap';
import { openConfirmationFile } from './confirmation-file.ts';

t.test('a confirmation is kept, and anything else in its file counts as none', async (t) => {
  const folder = t.testdir({});
  const open = () => openConfirmationFile(folder, makeLogger('test', 'silent'));
  t.equal(open().read(), undefined);
  const confirmation = { generation: 3, version: 'v3', at: 1_780_000_000_000 };
  open().write(confirmation);
  t.same(open().read(), confirmation);
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"generation":"3","version":"v3","at":1}',
    '{"generation":3}',
  ]) {
    fs.writeFileSync(path.join(folder, 'confirmed.json'), text);
    t.equal(open().read(), undefined, text);
  }
  fs.rmSync(folder, { recursive: true });
  t.doesNotThrow(() => open().write(confirmation), 'a folder that is gone is no reason to end');
});
