import fs from 'node:fs';
import { MANIFEST_KEY } from '@landfall/contracts/dataset/manifest';
import { DATASET_UPDATED, STREAMS } from '@landfall/contracts/messages/events';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import t from 'tap';
import { makeWorld, record, type World } from '../support/_ingestor.ts';

t.test('after an older manifest is put back, everything is listed and read again', async (t) => {
  const world = await makeWorld(t);
  for (let i = 0; i < 20; i++) world.put(`${i}.csv`, record('A', 'x', i));
  await world.start();
  const older = fs.readFileSync(world.processed(MANIFEST_KEY));
  for (let i = 20; i < 25; i++) world.put(`${i}.csv`, record('B', 'x', i));
  await world.run();
  const before = world.output();
  fs.writeFileSync(world.processed(MANIFEST_KEY), older);
  t.match(await world.run(), { published: true, generation: 3, fetched: 25, unchanged: 0, added: 5 });
  t.equal(world.output(), before);
  t.match(await world.run(), { published: false, generation: 3, unchanged: 25 }, 'and once');
});

t.test('a run over keys that finds a foreign manifest lists everything', async (t) => {
  const world = await makeWorld(t);
  world.put('1.csv', record('A', 'x', 1));
  await world.start();
  const older = fs.readFileSync(world.processed(MANIFEST_KEY));
  world.put('2.csv', record('B', 'x', 2));
  await world.run();
  fs.writeFileSync(world.processed(MANIFEST_KEY), older);
  world.put('3.csv', record('C', 'x', 3));
  const report = world.nextReport();
  world.sendEvent(['3.csv']);
  t.match(await report, { trigger: 'bucket', listed: 3, published: true, generation: 3 });
  t.equal(world.rows().length, 3);
});

t.test('the last good versions are those of the foreign manifest', async (t) => {
  const [world, other] = [await makeWorld(t), await makeWorld(t)];
  world.put('1.csv', record('Older', 'x', 1));
  await world.start();
  // Another ingestor has led meanwhile, and its generation is put into this bucket.
  other.put('1.csv', record('Newer', 'x', 1));
  for (let i = 0; i < 3; i++) {
    other.put('2.csv', record('Two', 'x', i));
    await (i === 0 ? other.start() : other.run());
  }
  fs.cpSync(other.processed(''), world.processed(''), { recursive: true });
  world.put('1.csv', 'broken');
  t.match(await world.run(), { published: true, generation: 4, rejected: 1, removed: 1 });
  t.same(world.rows(), ['1,Newer,x,1,']);
});

t.test('the same manifest put again, as by restoring a bucket, is not foreign', async (t) => {
  const world = await makeWorld(t);
  world.put('1.csv', record('A', 'x', 1));
  await world.start();
  await putAgain(world);
  world.put('2.csv', record('B', 'x', 2));
  const report = world.nextReport();
  world.sendEvent(['1.csv']);
  t.match(
    await report,
    { fetched: 1, unchanged: 1, listed: 2, added: 1, generation: 2 },
    'but all is listed',
  );
});

t.test('the next generation is above every number in the bucket, also while the bus is away', async (t) => {
  const inner = inProcessBus({ streams: STREAMS, onError: () => undefined });
  let isAway = false;
  const bus = {
    ...inner,
    lastKept: (subject: string) => (isAway ? Promise.reject(new Error('away')) : inner.lastKept(subject)),
  };
  const world = await makeWorld(t, { bus });
  world.put('1.csv', record('A', 'x', 1));
  await world.start();
  const first = fs.readFileSync(world.processed(MANIFEST_KEY));
  for (let i = 2; i < 6; i++) {
    world.put('1.csv', record('A', 'x', i));
    await world.run();
  }
  await world.stop();
  isAway = true;
  fs.rmSync(world.stateDir, { recursive: true });
  fs.writeFileSync(world.processed(MANIFEST_KEY), first);
  t.match(await world.start(), { published: true, generation: 6 });
  const manifest = world.manifest();
  fs.rmSync(world.stateDir, { recursive: true, force: true });
  await world.stop();
  fs.rmSync(world.processed(MANIFEST_KEY));
  t.match(await world.start(), { published: true, generation: 7, added: 0 }, 'and without a manifest');
  t.equal(world.manifest().version, manifest.version);
});

t.test('an ingestor that finds the manifest replaced while it publishes writes nothing more', async (t) => {
  let replace = (): void => undefined;
  const world = await makeWorld(t, {}, (store) => ({
    ...store,
    async put(bucket, key, ...rest) {
      if (key === MANIFEST_KEY) replace();
      return await store.put(bucket, key, ...rest);
    },
  }));
  world.put('1.csv', record('A', 'x', 1));
  await world.start();
  world.put('1.csv', record('B', 'x', 1));
  let theirs = '';
  replace = () => {
    replace = () => undefined;
    theirs = JSON.stringify({ ...world.manifest(), generation: 9 });
    fs.writeFileSync(world.processed(MANIFEST_KEY), theirs);
  };
  t.match(await world.run(), { status: 'failed', published: false, error: /another ingestor/ });
  t.equal(fs.readFileSync(world.processed(MANIFEST_KEY), 'utf8'), theirs);
  t.match(await world.bus.lastKept(DATASET_UPDATED), [{ data: { generation: 1 } }], 'nor announces it');
  await world.stop();
  t.match(await world.start(), { status: 'succeeded', published: true, generation: 10 });
  t.same(world.rows(), ['1,B,x,1,']);
});

t.test('a put whose response was lost counts as successful', async (t) => {
  let losesAnswer = false;
  const world = await makeWorld(t, {}, (store) => ({
    ...store,
    async put(bucket, key, content, condition) {
      const version = await store.put(bucket, key, content, condition);
      if (key !== MANIFEST_KEY || !losesAnswer) return version;
      losesAnswer = false;
      // The retried request fails its own condition.
      return await store.put(bucket, key, content, condition);
    },
  }));
  losesAnswer = true;
  world.put('1.csv', record('A', 'x', 1));
  t.match(await world.start(), { status: 'succeeded', published: true, generation: 1 });
  losesAnswer = true;
  world.put('1.csv', record('B', 'x', 1));
  t.match(await world.run(), { status: 'succeeded', published: true, generation: 2 });
  t.match(await world.run(), { published: false, unchanged: 1, generation: 2 });
});

/** The same bytes as another file. */
async function putAgain(world: World): Promise<void> {
  const bytes = fs.readFileSync(world.processed(MANIFEST_KEY));
  fs.rmSync(world.processed(MANIFEST_KEY));
  fs.writeFileSync(world.processed(MANIFEST_KEY), bytes);
}
