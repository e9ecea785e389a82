import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import t, { type Test } from 'tap';
import { faultyObject } from '../source/source-object.ts';
import { openCatalog } from './catalog.ts';

function makeFile(test: Test): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-catalog-'));
  test.teardown(() => fs.rmSync(folder, { recursive: true }));
  return path.join(folder, 'catalog.sqlite');
}

function openTemporary(test: Test, definition: Definition = USERS) {
  const catalog = openCatalog(makeFile(test), definition, (why) => test.fail(why));
  test.teardown(() => catalog.close());
  return catalog;
}

function readPending(catalog: ReturnType<typeof openTemporary>, rowId: string) {
  const queue = catalog.queueWriter();
  queue.add(rowId);
  queue.flush();
  return catalog.nextPending(0)?.rows[0];
}

t.test('a row has the objects of both Unicode forms, inside and outside folders', async (t) => {
  const catalog = openTemporary(t);
  const keys = ['a.b/jos\u00e9.png', 'jose\u0301.csv', 'jos\u00e9.csv', 'jos\u00e9.x/jos\u00e9.gif'];
  const writer = catalog.objectWriter();
  for (const key of keys) writer.put({ key, etag: 'x', size: 1 }, 'jos\u00e9');
  writer.flush();
  const found = readPending(catalog, 'jos\u00e9')?.objects.map(({ key }) => key);
  t.same(found?.toSorted(), keys);
});

t.test('an object that the listing reports as unreadable has the fault of the listing', async (t) => {
  const catalog = openTemporary(t);
  const faulty = faultyObject('7.csv', { code: 'outside_bucket', detail: 'a link' });
  const writer = catalog.objectWriter();
  writer.put(faulty, '7');
  writer.put({ key: '7.png', etag: 'x', size: 1 }, '7');
  writer.flush();
  catalog.putFault('7', faulty);
  t.same(readPending(catalog, '7')?.objects, [faulty, { key: '7.png', etag: 'x', size: 1 }]);
});

t.test('the last good version of an id that was not in NFC is found by the id in NFC', async (t) => {
  const catalog = openTemporary(t);
  const line = 'jose\u0301,Jose,x,5,\n';
  const rows = catalog.rowWriter();
  rows.put({ rowId: 'jose\u0301', line, recordVersion: null });
  rows.flush();
  const writer = catalog.objectWriter();
  writer.put({ key: 'a/jose\u0301.csv', etag: 'x', size: 1 }, 'jos\u00e9');
  writer.flush();
  t.equal(readPending(catalog, 'jos\u00e9')?.row?.line, line);
});

t.test(
  'a reject of any past timestamp is queued when the timestamp is no longer in the future',
  async (t) => {
    const joined = { name: 'joined', type: 'timestamp', unit: 'ms', past: true } as const;
    const catalog = openTemporary(t, { ...USERS, fields: [...USERS.fields, joined] });
    const values = { first_name: 'Ada', last_name: 'x', birthts: 5, joined: 1_000 };
    const since = '2026-06-01T00:00:00.000Z';
    const reject = { key: '7.csv', id: '7', detail: '', since, kept_previous: false, etag: 'x', size: 1 };
    catalog.putReject({ ...reject, reason: 'joined_in_future', values: { ...values, img_path: null } });
    t.same(catalog.rejectOf('7.csv'), { ...reject, reason: 'joined_in_future', values });
    catalog.queueRejectsValidAt(999);
    t.equal(catalog.queuedCount(), 0);
    catalog.queueRejectsValidAt(1_000);
    t.equal(catalog.queuedCount(), 1);
  },
);

t.test('a catalog of another definition is discarded', async (t) => {
  const file = makeFile(t);
  const discarded: string[] = [];
  const open = (definition: Definition) =>
    openCatalog(file, definition, (why) => discarded.push(why)).close();
  open(USERS);
  open(USERS);
  t.same(discarded, []);
  open({ ...USERS, fields: USERS.fields.slice(1) });
  t.match(discarded, [/has layout/]);
});
