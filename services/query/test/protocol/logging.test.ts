import { makeLogger } from '@landfall/process/logger';
import t from 'tap';
import { makeService } from '../support/_service.ts';

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
