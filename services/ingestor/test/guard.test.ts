import fs from 'node:fs';
import t, { type Test } from 'tap';
import { makeWorld, record, type World } from './_ingestor.ts';

const FAILED = { status: 'failed', published: false, error: /more than half.*force=true/ };

t.test('a run that would drop more than half of over 100 users stops', async (t) => {
  const { world, removeAll, bringBack } = await worldOf(t, 120);
  const before = world.output();
  removeAll(60);
  t.match(await world.run(), { status: 'succeeded', removed: 60 }, 'half of them may go');
  bringBack();
  t.match(await world.run(), { added: 60 });
  removeAll(61);
  t.match(await world.run(), FAILED);
  t.match(await world.run(), FAILED, 'and so it stays');
  t.equal(world.output(), before, 'nothing is published');
  bringBack();
  t.match(await world.run(), { status: 'succeeded', published: false, removed: 0, fetched: 61 });
});

t.test('it is no matter how they went', async (t) => {
  const { world, removeAll } = await worldOf(t, 120);
  fs.renameSync(world.source(''), world.source('../elsewhere'));
  fs.mkdirSync(world.source(''));
  t.match(await world.run(), FAILED, 'another folder is mounted in its place');
  fs.rmdirSync(world.source(''));
  t.match(await world.run(), { status: 'failed', error: /no bucket/ }, 'none is');
  fs.renameSync(world.source('../elsewhere'), world.source(''));
  t.match(await world.run(), { status: 'succeeded', published: false });
  const keys = removeAll(100);
  const report = world.nextReport();
  world.tell(keys);
  t.match(await report, { ...FAILED, trigger: 'bucket' }, 'the bucket tells that they were removed');
});

t.test('files of other kinds, images and broken files are no users', async (t) => {
  const { world } = await worldOf(t, 120);
  for (let i = 0; i < 200; i++) world.put(`${i}.png`, 'a face');
  for (let i = 0; i < 70; i++) world.put(`${i}.csv`, 'broken');
  t.match(await world.run(), { status: 'succeeded', rejected: 70, removed: 0 });
  for (let i = 0; i < 200; i++) world.remove(`${i}.png`);
  t.match(await world.run(), { status: 'succeeded', updated: 120, removed: 0 });
});

t.test('a smaller data set may lose all its users', async (t) => {
  const { world, removeAll } = await worldOf(t, 100);
  removeAll(100);
  t.match(await world.run(), { status: 'succeeded', removed: 100 });
});

t.test('forced, it may drop all', async (t) => {
  const { world, removeAll } = await worldOf(t, 120);
  removeAll(120);
  t.match(await world.run(), FAILED);
  t.match(await world.run({ force: true }), { status: 'succeeded', published: true, removed: 120 });
  t.same(world.rows(), []);
});

t.test('a bucket that is empty while the state is lost costs no last good version', async (t) => {
  const { world, removeAll, bringBack } = await worldOf(t, 3_000);
  world.put('7.csv', 'broken');
  await world.run();
  const before = [world.output(), await world.rejects()];
  await world.stop();
  fs.rmSync(world.stateDir, { recursive: true });
  removeAll(3_000);
  t.match(await world.start(), FAILED);
  bringBack();
  world.put('7.csv', 'broken');
  t.match(await world.run(), { status: 'succeeded', published: false, removed: 0 });
  t.same([world.output(), await world.rejects()], before);
});

t.test('files that vanish between listing and reading are removals', async (t) => {
  let vanish = (): void => undefined;
  const world = await makeWorld(t, {}, (store) => ({
    ...store,
    readEach(...args) {
      vanish();
      return store.readEach(...args);
    },
  }));
  world.put('a/7.csv', record('A', 'x', 1));
  world.put('b/7.csv', record('B', 'x', 2));
  world.put('8.csv', record('Eight', 'x', 8));
  await world.start();
  world.put('a/7.csv', record('A', 'changed', 1));
  world.put('8.csv', record('Eight', 'changed', 8));
  vanish = () => {
    vanish = () => undefined;
    world.remove('a/7.csv');
    world.remove('8.csv');
  };
  t.match(await world.run(), { status: 'succeeded', updated: 1, removed: 1, rejected: 0 });
  t.same(world.rows(), ['7,B,x,2,'], 'and the next one takes over');
  t.match(await world.run(), { published: false }, 'the next listing finds nothing else');
});

/** So many users, mirrored; whose files can go and come back. */
async function worldOf(t: Test, users: number) {
  const world: World = await makeWorld(t);
  const put = (i: number) => world.put(`${i}.csv`, record('A', 'x', i));
  for (let i = 0; i < users; i++) put(i);
  await world.start();
  let gone = 0;
  return {
    world,
    /** @returns their keys */
    removeAll(count: number): string[] {
      gone = count;
      const keys = Array.from({ length: count }, (_, i) => `${i}.csv`);
      for (const key of keys) world.remove(key);
      return keys;
    },
    bringBack(): void {
      for (let i = 0; i < gone; i++) put(i);
    },
  };
}
