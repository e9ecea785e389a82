import fs from 'node:fs';
import { MANIFEST_KEY } from '@landfall/contracts/dataset/manifest';
import { DATASET_UPDATED, STREAMS } from '@landfall/contracts/messages/events';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import t from 'tap';
import { type Fixture, makeFixture, record } from '../support/_ingestor.ts';

t.test('after an older manifest is put back, everything is listed and read again', async (t) => {
  const fixture = await makeFixture(t);
  for (let i = 0; i < 20; i++) fixture.put(`${i}.csv`, record('A', 'x', i));
  await fixture.start();
  const older = fs.readFileSync(fixture.processed(MANIFEST_KEY));
  for (let i = 20; i < 25; i++) fixture.put(`${i}.csv`, record('B', 'x', i));
  await fixture.run();
  const before = fixture.output();
  fs.writeFileSync(fixture.processed(MANIFEST_KEY), older);
  t.match(await fixture.run(), { published: true, generation: 3, fetched: 25, unchanged: 0, added: 5 });
  t.equal(fixture.output(), before);
  t.match(await fixture.run(), { published: false, generation: 3, unchanged: 25 }, 'and once');
});

t.test('a run over keys that finds a foreign manifest lists everything', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('1.csv', record('A', 'x', 1));
  await fixture.start();
  const older = fs.readFileSync(fixture.processed(MANIFEST_KEY));
  fixture.put('2.csv', record('B', 'x', 2));
  await fixture.run();
  fs.writeFileSync(fixture.processed(MANIFEST_KEY), older);
  fixture.put('3.csv', record('C', 'x', 3));
  const report = fixture.nextReport();
  fixture.sendEvent(['3.csv']);
  t.match(await report, { trigger: 'bucket', listed: 3, published: true, generation: 3 });
  t.equal(fixture.rows().length, 3);
});

t.test('the last good versions are those of the foreign manifest', async (t) => {
  const [fixture, other] = [await makeFixture(t), await makeFixture(t)];
  fixture.put('1.csv', record('Older', 'x', 1));
  await fixture.start();
  // Another ingestor has led meanwhile, and its generation is put into this bucket.
  other.put('1.csv', record('Newer', 'x', 1));
  for (let i = 0; i < 3; i++) {
    other.put('2.csv', record('Two', 'x', i));
    await (i === 0 ? other.start() : other.run());
  }
  fs.cpSync(other.processed(''), fixture.processed(''), { recursive: true });
  fixture.put('1.csv', 'broken');
  t.match(await fixture.run(), { published: true, generation: 4, rejected: 1, removed: 1 });
  t.same(fixture.rows(), ['1,Newer,x,1,']);
});

t.test('the same manifest put again, as by restoring a bucket, is not foreign', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('1.csv', record('A', 'x', 1));
  await fixture.start();
  await putAgain(fixture);
  fixture.put('2.csv', record('B', 'x', 2));
  const report = fixture.nextReport();
  fixture.sendEvent(['1.csv']);
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
  const fixture = await makeFixture(t, { bus });
  fixture.put('1.csv', record('A', 'x', 1));
  await fixture.start();
  const first = fs.readFileSync(fixture.processed(MANIFEST_KEY));
  for (let i = 2; i < 6; i++) {
    fixture.put('1.csv', record('A', 'x', i));
    await fixture.run();
  }
  await fixture.stop();
  isAway = true;
  fs.rmSync(fixture.stateDir, { recursive: true });
  fs.writeFileSync(fixture.processed(MANIFEST_KEY), first);
  t.match(await fixture.start(), { published: true, generation: 6 });
  const manifest = fixture.manifest();
  fs.rmSync(fixture.stateDir, { recursive: true, force: true });
  await fixture.stop();
  fs.rmSync(fixture.processed(MANIFEST_KEY));
  t.match(await fixture.start(), { published: true, generation: 7, added: 0 }, 'and without a manifest');
  t.equal(fixture.manifest().version, manifest.version);
});

t.test('after both buckets are restored, no number that was announced is used again', async (t) => {
  const first = await makeFixture(t);
  first.put('1.csv', record('A', 'x', 1));
  await first.start();
  const backup = t.testdir({});
  fs.cpSync(first.processed(''), backup, { recursive: true });
  for (const value of [2, 3]) {
    first.put('1.csv', record('A', 'x', value));
    await first.run();
  }
  const [announced] = await first.bus.lastKept(DATASET_UPDATED);

  // Long after that: the stream knows only its last event, and the lease, whose number lives as long as it is renewed, is gone.
  const inner = inProcessBus({ streams: STREAMS, onError: (error) => t.error(error) });
  await inner.keep(DATASET_UPDATED, announced, 'the last one');
  let epoch = 0;
  const bus: EventBus = { ...inner, lease: (name, ...rest) => inner.lease(`${name}-${epoch}`, ...rest) };
  const fixture = await makeFixture(t, { bus });
  fs.cpSync(backup, fixture.processed(''), { recursive: true });
  fixture.put('1.csv', record('A', 'x', 1));
  for (const _ of ['the start after it', 'and another one']) {
    t.match(await fixture.start(), { published: false, generation: 1 });
    await fixture.stop();
    t.match(await bus.lastKept(DATASET_UPDATED), [{ data: { generation: 3 } }]);
    fs.rmSync(fixture.stateDir, { recursive: true });
    epoch++;
  }
  fixture.put('1.csv', record('B', 'x', 1));
  t.match(await fixture.start(), { published: true, generation: 4 });
});

t.test('an ingestor that finds the manifest replaced while it publishes writes nothing more', async (t) => {
  let replace = (): void => undefined;
  const fixture = await makeFixture(t, {}, (store) => ({
    ...store,
    async put(bucket, key, ...rest) {
      if (key === MANIFEST_KEY) replace();
      return await store.put(bucket, key, ...rest);
    },
  }));
  fixture.put('1.csv', record('A', 'x', 1));
  await fixture.start();
  fixture.put('1.csv', record('B', 'x', 1));
  let theirs = '';
  replace = () => {
    replace = () => undefined;
    theirs = JSON.stringify({ ...fixture.manifest(), generation: 9 });
    fs.writeFileSync(fixture.processed(MANIFEST_KEY), theirs);
  };
  t.match(await fixture.run(), { status: 'failed', published: false, error: /another ingestor/ });
  t.equal(fs.readFileSync(fixture.processed(MANIFEST_KEY), 'utf8'), theirs);
  t.match(await fixture.bus.lastKept(DATASET_UPDATED), [{ data: { generation: 1 } }], 'nor announces it');
  await fixture.stop();
  t.match(await fixture.start(), { status: 'succeeded', published: true, generation: 10 });
  t.same(fixture.rows(), ['1,B,x,1,']);
});

t.test('a put whose response was lost counts as successful', async (t) => {
  let losesAnswer = false;
  const fixture = await makeFixture(t, {}, (store) => ({
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
  fixture.put('1.csv', record('A', 'x', 1));
  t.match(await fixture.start(), { status: 'succeeded', published: true, generation: 1 });
  losesAnswer = true;
  fixture.put('1.csv', record('B', 'x', 1));
  t.match(await fixture.run(), { status: 'succeeded', published: true, generation: 2 });
  t.match(await fixture.run(), { published: false, unchanged: 1, generation: 2 });
});

/** The same bytes as another file. */
async function putAgain(fixture: Fixture): Promise<void> {
  const bytes = fs.readFileSync(fixture.processed(MANIFEST_KEY));
  fs.rmSync(fixture.processed(MANIFEST_KEY));
  fs.writeFileSync(fixture.processed(MANIFEST_KEY), bytes);
}
