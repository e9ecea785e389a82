import fs from 'node:fs';
import path from 'node:path';
import { directoryStore } from '@landfall/object-store/directory-store';
import t, { type Test } from 'tap';
import { demoFolder, seed } from './seed.ts';

const BUCKETS = { source: 'bucket', processed: 'processed' };

function setUp(t: Test) {
  const root = t.testdir({
    bucket: {},
    processed: {},
    demo: { '1.csv': 'one', '1.png': 'face', '2 ü%.csv': 'two' },
  });
  const store = directoryStore(root);
  const files = () =>
    fs.readdirSync(path.join(root, 'bucket')).filter((name) => !name.startsWith('.landfall-partial'));
  return { root, store, from: path.join(root, 'demo'), files, bucket: path.join(root, 'bucket') };
}

t.test('an empty bucket gets the demo data once', async (t) => {
  const { store, from, files, bucket } = setUp(t);
  t.equal(await seed(store, BUCKETS, false, from), 3);
  t.same(files(), ['1.csv', '1.png', '2 ü%.csv']);
  t.equal(fs.readFileSync(path.join(bucket, '1.csv'), 'utf8'), 'one');
  fs.rmSync(path.join(bucket, '1.csv'));
  t.equal(await seed(store, BUCKETS, false, from), 0);
  t.same(files(), ['1.png', '2 ü%.csv'], 'what was removed stays removed');
});

t.test('the keys of nested files are their paths', async (t) => {
  const root = t.testdir({
    bucket: {},
    processed: {},
    demo: { '1': { 'result.json': 'one', pages: { '2 ü%.pdf': 'two' } }, '1.txt': 'three', empty: {} },
  });
  const store = directoryStore(root);
  t.equal(await seed(store, BUCKETS, false, path.join(root, 'demo')), 3);
  const listed = (await Array.fromAsync(store.list('bucket'))).flat();
  t.same(
    listed.map(({ key }) => key),
    ['1.txt', '1/pages/2 ü%.pdf', '1/result.json'],
  );
  t.equal(fs.readFileSync(path.join(root, 'bucket/1/pages/2 ü%.pdf'), 'utf8'), 'two');
});

t.test('demo data lies in the folder beside a definition', async (t) => {
  const root = t.testdir({ 'books.json': '{}', books: {}, 'films.json': '{}', plays: {} });
  t.equal(demoFolder(path.join(root, 'books.json')), path.join(root, 'books'));
  t.equal(demoFolder(path.join(root, 'films.json')), undefined);
  t.equal(demoFolder(path.join(root, 'plays')), undefined, 'not a definition file');
  t.equal(
    demoFolder(undefined),
    demoFolder(path.resolve(import.meta.dirname, '../../../datasets/users.json')),
  );
});

t.test('a bucket with other files is unchanged', async (t) => {
  const { store, from, files, bucket } = setUp(t);
  fs.writeFileSync(path.join(bucket, 'mine.csv'), 'mine');
  t.equal(await seed(store, BUCKETS, false, from), 0);
  t.same(files(), ['mine.csv']);
});

t.test('an interrupted seeding is completed', async (t) => {
  const { store, from, files } = setUp(t);
  let puts = 0;
  const breaking = {
    ...store,
    put(...given: Parameters<typeof store.put>) {
      if (++puts > 2) throw new Error('cut off');
      return store.put(...given);
    },
  };
  await t.rejects(seed(breaking, BUCKETS, false, from), { message: 'cut off' });
  t.equal(files().length, 2, 'a sign that it is under way, and one file');
  t.equal(await seed(store, BUCKETS, false, from), 3);
  t.same(files(), ['1.csv', '1.png', '2 ü%.csv']);
});

t.test('an empty bucket stays empty where anything was published', async (t) => {
  for (const key of [
    'manifest.json',
    'manifest.damaged-20260101T000000Z.json',
    'datasets/1-a.csv',
    'output.csv',
  ]) {
    const { store, from, files, root } = setUp(t);
    fs.mkdirSync(path.join(root, 'processed', 'datasets'), { recursive: true });
    fs.writeFileSync(path.join(root, 'processed', key), '');
    t.equal(await seed(store, BUCKETS, false, from), 0, key);
    fs.writeFileSync(path.join(root, 'bucket', '.landfall-seeding'), '');
    t.equal(await seed(store, BUCKETS, false, from), 0, `${key}, half put in`);
    t.same(files(), ['.landfall-seeding']);
    fs.rmSync(path.join(root, 'processed'), { recursive: true });
    fs.rmSync(path.join(root, 'bucket', '.landfall-seeding'));
  }
});

t.test('an empty bucket stays empty where a service has state', async (t) => {
  const { store, from, files } = setUp(t);
  t.equal(await seed(store, BUCKETS, true, from), 0);
  t.same(files(), []);
});
