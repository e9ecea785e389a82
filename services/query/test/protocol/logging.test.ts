import { makeLogger } from '@landfall/process/logger';
import t from 'tap';
import type { AccessOptions } from '../../src/access/access-options.ts';
import { makeService } from '../support/_service.ts';

const TOKENS: AccessOptions = {
  source: { kind: 'text', name: 'API_TOKENS', text: `a:read:${'0'.repeat(64)}` },
  isReadPublic: false,
};

t.test('errors that clients cause do not flood the log, and have no stack', async (t) => {
  const lines: { fields: object; message: string }[] = [];
  const keep = (fields: object, message: string) => lines.push({ fields, message });
  const log = Object.assign(Object.create(makeLogger('test', 'silent')), { warn: keep, error: keep });
  const { ask } = await makeService(t, { log });
  for (let i = 0; i < 50; i++) {
    t.match(await ask(`/data?limit=${i + 1}`), { status: 503, headers: { 'retry-after': '5' } });
    await ask('/nothing');
    await ask('/data?x=y');
  }
  t.equal(lines.length, 1);
  t.match(lines[0], {
    fields: { code: 'no_data_set', url: '/data?limit=1', why: /not been loaded/ },
    message: 'a request failed because of a dependency or a limit',
  });
  t.notOk(lines[0] && 'err' in lines[0].fields);
});

t.test('a service without tokens that listens outside of loopback logs one warning', async (t) => {
  for (const [host, bindAddress, hasTokens, expected] of [
    ['127.0.0.1', undefined, false, 0],
    ['0.0.0.0', undefined, false, 1],
    ['0.0.0.0', undefined, true, 0],
    ['0.0.0.0', '127.0.0.1', false, 0],
    ['0.0.0.0', '0.0.0.0', false, 1],
  ] as const) {
    const lines: string[] = [];
    const warn = (_fields: object, message: string) => lines.push(message);
    const log = Object.assign(Object.create(makeLogger('test', 'silent')), { warn });
    await makeService(t, { log, host, access: hasTokens ? TOKENS : undefined, origin: { bindAddress } });
    t.equal(lines.length, expected, `${host} ${bindAddress} ${hasTokens}`);
    for (const line of lines) t.match(line, /API_TOKENS_FILE/);
  }
});
