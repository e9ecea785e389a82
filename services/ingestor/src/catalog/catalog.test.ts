import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { faultyObject } from '../source/source-object.ts';
import { openCatalog } from './catalog.ts';

function openTemporary(test: Test) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-catalog-'));
  const catalog = openCatalog(path.join(folder, 'catalog.sqlite'), (why) => test.fail(why));
  test.teardown(() => {
    catalog.close();
    fs.rmSync(folder, { recursive: true });
  });
  return catalog;
}

function makeDue(catalog: ReturnType<typeof openTemporary>, userId: string) {
  const due = catalog.dueWriter();
  due.add(userId);
  due.flush();
  return catalog.dueStep(0)?.users[0];
}

t.test('a user has the objects of both Unicode forms, in folders and not', async (t) => {
  const catalog = openTemporary(t);
  const keys = ['a.b/jos\u00e9.png', 'jose\u0301.csv', 'jos\u00e9.csv', 'jos\u00e9.x/jos\u00e9.gif'];
  const writer = catalog.objectWriter();
  for (const key of keys) writer.put({ key, etag: 'x', size: 1 }, 'jos\u00e9');
  writer.flush();
  const found = makeDue(catalog, 'jos\u00e9')?.objects.map(({ key }) => key);
  t.same(found?.toSorted(), keys);
});

t.test('objects that the listing says cannot be read come with what it said', async (t) => {
  const catalog = openTemporary(t);
  const faulty = faultyObject('7.csv', { code: 'outside_bucket', detail: 'a link' });
  const writer = catalog.objectWriter();
  writer.put(faulty, '7');
  writer.put({ key: '7.png', etag: 'x', size: 1 }, '7');
  writer.flush();
  catalog.putFault('7', faulty);
  t.same(makeDue(catalog, '7')?.objects, [faulty, { key: '7.png', etag: 'x', size: 1 }]);
});

t.test('the last good version of an id that was not in NFC is that of the one in NFC', async (t) => {
  const catalog = openTemporary(t);
  const line = 'jose\u0301,Jose,x,5,\n';
  const users = catalog.userWriter();
  users.put({ userId: 'jose\u0301', line, record: null });
  users.flush();
  const writer = catalog.objectWriter();
  writer.put({ key: 'a/jose\u0301.csv', etag: 'x', size: 1 }, 'jos\u00e9');
  writer.flush();
  t.equal(makeDue(catalog, 'jos\u00e9')?.user?.line, line);
});
