import { BUCKET_EVENTS } from '@landfall/contracts/messages/bucket-event';
import { STREAMS } from '@landfall/contracts/messages/events';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { StoreError } from '@landfall/object-store/object-store';
import t from 'tap';
import { MAX_KEYS } from '../../src/run/run-spec.ts';
import { type Fixture, makeFixture, record } from '../support/_ingestor.ts';

t.test('a run by keys checks only the rows of these keys', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  fixture.put('8.csv', record('Alan', 'Turing', 6));
  await fixture.start();
  fixture.put('7.csv', record('Ada', 'King', 5));
  fixture.put('8.csv', record('Not', 'Named', 6));
  const report = await runOnChange(fixture, ['7.csv']);
  t.match(report, { trigger: 'bucket', status: 'succeeded', published: true, generation: 2 });
  t.match(report, { listed: 1, fetched: 1, unchanged: 0, updated: 1 });
  t.same(fixture.rows(), ['7,Ada,King,5,', '8,Alan,Turing,6,']);
  t.match(
    await fixture.run(),
    { trigger: 'request', listed: 2, fetched: 1, updated: 1 },
    'a listing repairs',
  );
  t.same(fixture.rows(), ['7,Ada,King,5,', '8,Not,Named,6,']);
});

t.test('after the removal of an owner, the next file owns the row', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('a/7.csv', record('A', 'x', 1));
  fixture.put('b/7.csv', record('B', 'x', 2));
  fixture.put('7.png', 'one face');
  fixture.put('7.jpg', 'another');
  await fixture.start();
  t.same(fixture.rows(), ['7,A,x,1,src-data/7.png']);
  fixture.remove('7.png');
  t.match(await runOnChange(fixture, ['7.png']), { updated: 1, fetched: 0 });
  t.same(fixture.rows(), ['7,A,x,1,src-data/7.jpg']);
  fixture.remove('a/7.csv');
  t.match(await runOnChange(fixture, ['a/7.csv']), { updated: 1, fetched: 1, rejected: 0 });
  t.same(fixture.rows(), ['7,B,x,2,src-data/7.jpg']);
  fixture.remove('b/7.csv');
  t.match(await runOnChange(fixture, ['b/7.csv']), { removed: 1, orphan_images: 1 });
  t.same(fixture.rows(), []);
});

t.test('a corrected file removes its reject', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', 'broken');
  t.match(await fixture.start(), { rejected: 1 });
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  t.match(await runOnChange(fixture, ['7.csv']), { rejected: 0, added: 1 });
  t.same(await fixture.rejects(), []);
});

t.test('duplicate, late, irrelevant and invalid messages do no harm', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  await fixture.start();
  fixture.bus.publish(BUCKET_EVENTS, 'hello');
  fixture.bus.publish(BUCKET_EVENTS, { Records: [{ s3: {} }] });
  fixture.bus.publish(BUCKET_EVENTS, { Service: 'S3', Event: 's3:TestEvent' });
  fixture.sendEvent(['7.csv'], 'another-bucket');
  fixture.sendEvent(['notes.txt', '.csv']);
  fixture.sendEvent(['7.csv', '7.csv', 'never-there.csv', '7.png']);
  fixture.sendEvent(['7.csv']);
  const report = await fixture.nextReport();
  t.match(report, { trigger: 'bucket', status: 'succeeded', published: false, written: 0 });
  t.match(report, { listed: 1, unchanged: 1, fetched: 0 });
});

t.test('a burst is one run; above the limit of keys, or with unknown keys, it is a full run', async (t) => {
  const fixture = await makeFixture(t);
  for (let i = 0; i < 30; i++) fixture.put(`${i}.csv`, record('A', 'x', i));
  await fixture.start();
  for (let i = 0; i < 10; i++) {
    fixture.put(`${i}.csv`, record('B', 'x', i));
    fixture.sendEvent([`${i}.csv`]);
  }
  t.match(await fixture.nextReport(), { updated: 10, listed: 10 });
  t.match(await runOnChange(fixture, undefined), { trigger: 'bucket', listed: 30, unchanged: 30 });
  const many = Array.from({ length: MAX_KEYS + 1 }, (_, i) => `${i}.csv`);
  t.match(await runOnChange(fixture, many), { trigger: 'bucket', listed: 30, unchanged: 30 });
});

t.test('the next scheduled listing finds the changes of lost events', async (t) => {
  const fixture = await makeFixture(t, { everyMs: 500, clock: Date.now });
  await fixture.start();
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  let report = await fixture.nextReport();
  while (!report.published) report = await fixture.nextReport();
  t.match(report, { trigger: 'schedule', added: 1 });
  t.same(fixture.rows(), ['7,Ada,Lovelace,5,']);
});

t.test('after a reconnection of the bus, a full run finds the changes of lost events', async (t) => {
  const bus = inProcessBus({ streams: STREAMS, onError: (error) => t.error(error) });
  const listeners: (() => void)[] = [];
  const onConnected = (listener: () => void) => {
    listeners.push(listener);
    listener();
    return () => undefined;
  };
  const fixture = await makeFixture(t, { bus: { ...bus, connected: true, onConnected } });
  await fixture.start();
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  const report = fixture.nextReport();
  for (const listener of listeners) listener();
  t.match(await report, { trigger: 'bucket', listed: 1, added: 1 });
});

t.test('the first listing contains the changes from before the start', async (t) => {
  const fixture = await makeFixture(t);
  await fixture.start();
  await fixture.stop();
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  fixture.sendEvent(['7.csv']);
  t.match(await fixture.start(), { trigger: 'start', added: 1 });
  t.match(await fixture.nextReport(), { trigger: 'bucket', published: false, unchanged: 1 });
});

t.test('until a listing has succeeded, events cause full runs', async (t) => {
  const broken = { listing: true };
  const fixture = await makeFixture(t, {}, (store) => ({
    ...store,
    async *list(bucket, prefix) {
      for await (const page of store.list(bucket, prefix)) {
        yield page.slice(0, 1);
        if (broken.listing && bucket === 'src-data') throw new StoreError('unavailable', 'cut off');
        yield page.slice(1);
      }
    },
  }));
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  fixture.put('8.csv', record('Alan', 'Turing', 6));
  t.match(await fixture.start(), { status: 'failed', published: false, error: /cut off/ });
  broken.listing = false;
  t.match(await runOnChange(fixture, ['8.csv']), { status: 'succeeded', listed: 2, added: 2 });
});

t.test('a forced request and bucket events during a run share one full, forced run', async (t) => {
  const fixture = await makeFixture(t);
  for (let i = 0; i < 120; i++) fixture.put(`${i}.csv`, record('A', 'x', i));
  await fixture.start();
  for (let i = 0; i < 100; i++) fixture.remove(`${i}.csv`);
  const [first, second, third] = await Promise.all([
    fixture.run({}).catch(() => undefined),
    fixture.run({}),
    fixture.run({ force: true }),
  ]);
  t.match(first, { status: 'succeeded', removed: 0, held: 100 });
  t.equal(second?.run_id, third?.run_id, 'shared');
  t.match(second, { status: 'succeeded', removed: 100 }, 'and forced, since one of them asked for it');
});

/** Sends an event, and waits for its run. */
async function runOnChange(fixture: Fixture, keys: readonly string[] | undefined) {
  const report = fixture.nextReport();
  fixture.sendEvent(keys);
  return await report;
}
