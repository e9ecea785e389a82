import fs from 'node:fs';
import path from 'node:path';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { directoryStore } from './directory-store.ts';
import { list, objectStoreContract } from './object-store.contract.ts';

async function make(t: Test) {
  const root = t.testdir({ bucket: {} });
  return { root, store: directoryStore(root), bucket: 'bucket', bucketNotFound: 'no-bucket' };
}

t.test('the contract of object stores', async (t) => objectStoreContract(t, make));

t.test('arbitrary folders and files are listed in key order, completely or by prefix', async (t) => {
  const folder = t.testdir({});
  const segment = fc.string({ unit: fc.constantFrom('a', '-', '0', ' ', 'é'), minLength: 1, maxLength: 2 });
  const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => `${segments.join('/')}.c`);
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(key, { maxLength: 20 }), segment, async (keys, prefix) => {
      const root = fs.mkdtempSync(path.join(folder, 'any-'));
      const store = directoryStore(root);
      await store.createBucket('bucket');
      for (const key of keys) {
        fs.mkdirSync(path.dirname(path.join(root, 'bucket', key)), { recursive: true });
        fs.writeFileSync(path.join(root, 'bucket', key), '');
      }
      const listed = async (prefix = '') => (await list(store, 'bucket', prefix)).map(({ key }) => key);
      t.same(await listed(), keys.toSorted(compareBytes));
      t.same(
        await listed(prefix),
        keys.toSorted(compareBytes).filter((key) => key.startsWith(prefix)),
      );
    }),
  );
});

t.test('objects are files at the paths of their keys', async (t) => {
  const { root, store } = await make(t);
  await store.put('bucket', 'a/b.csv', Buffer.from('put'));
  t.equal(fs.readFileSync(path.join(root, 'bucket/a/b.csv'), 'utf8'), 'put');
  fs.writeFileSync(path.join(root, 'bucket/c.csv'), 'dropped in');
  t.equal(Buffer.from((await store.read('bucket', 'c.csv', 100)).bytes).toString(), 'dropped in');
});

t.test('an overwritten file of the same size has another ETag', async (t) => {
  const { root, store } = await make(t);
  const file = path.join(root, 'bucket/a.csv');
  fs.writeFileSync(file, 'one');
  const before = await store.read('bucket', 'a.csv', 10);
  const stats = fs.statSync(file);
  fs.writeFileSync(file, 'two');
  fs.utimesSync(file, stats.atime, stats.mtime);
  t.not((await store.read('bucket', 'a.csv', 10)).etag, before.etag, 'with any mtime');
});

t.test('no key can lead out of the bucket', async (t) => {
  const { store } = await make(t);
  const keys = [
    '../secret',
    'a/../../secret',
    '/etc/passwd',
    'a//b',
    '',
    '.',
    'a/',
    'a\0b',
    '.landfall-partial/x',
  ];
  for (const key of keys) {
    await t.rejects(store.read('bucket', key, 1), { code: 'invalid_key' }, JSON.stringify(key));
    await t.rejects(store.put('bucket', key, Buffer.from('x')), { code: 'invalid_key' }, JSON.stringify(key));
  }
  await t.rejects(list(store, '..'), { code: 'bucket_not_found' });
});

t.test('a file can’t be a folder as well', async (t) => {
  const { store } = await make(t);
  await store.put('bucket', 'a', Buffer.from('x'));
  await t.rejects(store.put('bucket', 'a/b', Buffer.from('x')), { code: 'invalid_key' });
  await store.put('bucket', 'c/d', Buffer.from('x'));
  await t.rejects(store.put('bucket', 'c', Buffer.from('x')), { code: 'invalid_key' });
  await t.rejects(store.read('bucket', 'c', 1), { code: 'not_found' }, 'a folder is no object');
  await t.rejects(store.read('bucket', 'a/b', 1), { code: 'not_found' });
});

t.test('what a dead process left half written is swept after a day', async (t) => {
  const { root, store } = await make(t);
  await store.put('bucket', 'a', Buffer.from('x'));
  const partials = path.join(root, 'bucket/.landfall-partial');
  const [old, young] = [path.join(partials, 'old'), path.join(partials, 'young')];
  for (const file of [old, young]) fs.writeFileSync(file, 'half');
  const yesterday = Date.now() / 1000 - 90_000;
  fs.utimesSync(old, yesterday, yesterday);
  await store.createBucket('bucket');
  t.same(fs.readdirSync(partials), ['young']);
  t.same(
    (await list(store, 'bucket')).map(({ key }) => key),
    ['a'],
    'and it is never listed',
  );
});
