import { once } from 'node:events';
import fs from 'node:fs';
import { DATASET_UPDATED, STREAMS } from '@landfall/contracts/messages/events';
import { BusError, type EventBus } from '@landfall/event-bus/event-bus';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import t from 'tap';
import { makeFixture, record } from '../support/_ingestor.ts';

t.test('a restart continues, and announces the published generation', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  await fixture.start();
  await fixture.stop();
  const updated = new Promise((resolve) => fixture.bus.subscribe(DATASET_UPDATED, resolve));
  t.match(await fixture.start(), { published: false, fetched: 0, unchanged: 1, generation: 1 });
  t.match(await updated, { id: `1-${fixture.manifest().version}`, data: { counts: { added: 1 } } });
});

t.test(
  'the state can be deleted at any time: last good versions are restored from the published data',
  async (t) => {
    const fixture = await makeFixture(t);
    fixture.put('7.csv', record('Ada', 'Lovelace', 5));
    fixture.put('8.csv', record('Alan', 'Turing', 6));
    await fixture.start();
    fixture.put('7.csv', 'broken');
    await fixture.run();
    const [before, rejects] = [fixture.output(), await fixture.rejects()];
    await fixture.stop();
    fs.rmSync(fixture.stateDir, { recursive: true });
    fixture.time.now += 3_600_000;
    t.match(await fixture.start(), {
      published: false,
      fetched: 2,
      generation: 2,
      added: 0,
      updated: 0,
      rejected: 1,
    });
    t.equal(fixture.output(), before);
    t.same(await fixture.rejects(), rejects, 'since then, as before');
  },
);

t.test('a damaged state file is rebuilt', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  await fixture.start();
  await fixture.stop();
  for (const name of fs.readdirSync(fixture.stateDir))
    fs.rmSync(`${fixture.stateDir}/${name}`, { recursive: true });
  fs.writeFileSync(
    `${fixture.stateDir}/catalog.sqlite`,
    'this is no database, and long enough to be looked at'.repeat(200),
  );
  t.match(await fixture.start(), { status: 'succeeded', published: false, fetched: 1, generation: 1 });
});

t.test('after the processed bucket is emptied, the next run publishes a higher generation', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  fixture.put('8.csv', record('Alan', 'Turing', 6));
  await fixture.start();
  fixture.put('8.csv', 'broken');
  await fixture.run();
  const before = fixture.output();
  fs.rmSync(fixture.processed(''), { recursive: true });
  fs.mkdirSync(fixture.processed(''));
  t.match(await fixture.run(), { published: true, generation: 3, fetched: 0, added: 0, rejected: 1 });
  t.equal(fixture.output(), before);
});

t.test('without state and processed bucket, the generation continues from the last event', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  await fixture.start();
  await fixture.stop();
  fs.rmSync(fixture.stateDir, { recursive: true });
  fs.rmSync(fixture.processed(''), { recursive: true });
  fs.mkdirSync(fixture.processed(''));
  t.match(await fixture.start(), { published: true, generation: 2, added: 1 });
});

t.test('removed snapshots are written again, and the rows are restored from output.csv', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  fixture.put('8.csv', record('Alan', 'Turing', 6));
  await fixture.start();
  fixture.put('8.csv', 'broken');
  await fixture.run();
  const [before, { snapshot }] = [fixture.output(), fixture.manifest()];
  await fixture.stop();
  fs.rmSync(fixture.stateDir, { recursive: true });
  fs.rmSync(fixture.processed('datasets'), { recursive: true });
  t.match(await fixture.start(), { published: false, generation: 2, added: 0, rejected: 1 });
  t.equal(fs.readFileSync(fixture.processed(snapshot.key), 'utf8'), before);
});

t.test('the last generations and all young ones are kept', async (t) => {
  const fixture = await makeFixture(t, { keepGenerations: 3 });
  const generations = () =>
    [
      ...new Set(fs.readdirSync(fixture.processed('datasets')).map((name) => Number(name.split('-')[0]))),
    ].sort((a, b) => a - b);
  await fixture.start();
  fixture.time.now = Date.now();
  for (let i = 2; i <= 6; i++) {
    fixture.put('7.csv', record('Ada', 'Lovelace', i));
    await fixture.run();
  }
  t.same(generations(), [1, 2, 3, 4, 5, 6], 'younger than 15 minutes');
  fixture.time.now += 16 * 60_000;
  fixture.put('7.csv', record('Ada', 'Lovelace', 7));
  await fixture.run();
  t.same(generations(), [5, 6, 7]);
  const perGeneration = fs.readdirSync(fixture.processed('datasets')).length / 3;
  t.equal(perGeneration, 2, 'users and rejects of each');
});

t.test('runs continue while the bus is away, and all messages are sent at the reconnection', async (t) => {
  const { bus, subjects, leave, comeBack, kept } = switchable();
  const fixture = await makeFixture(t, { bus });
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  leave();
  const report = await fixture.start();
  t.match(report, { status: 'succeeded', published: true });
  t.same(subjects, []);
  comeBack();
  await kept(2);
  t.same(subjects, [DATASET_UPDATED, `ingest.progress.${report.run_id}`], 'in order');
});

t.test('two requests during a run share the next run', async (t) => {
  const fixture = await makeFixture(t);
  await fixture.start();
  fixture.put('7.csv', record('Ada', 'Lovelace', 5));
  const replies = await Promise.all([1, 2, 3].map(() => fixture.bus.request('ingest.run', {}, 5_000)));
  const ids = replies.map((reply) => JSON.stringify(reply));
  t.not(ids[0], ids[1], 'the first starts at once');
  t.equal(ids[1], ids[2], 'the others share one');
});

t.test('runs are scheduled, and a failed run is repeated earlier', async (t) => {
  const fixture = await makeFixture(t, { everyMs: 300, clock: Date.now });
  const scheduled = new Promise((resolve) => {
    fixture.bus.subscribe('ingest.progress.*', (run) => {
      if (typeof run === 'object' && run && 'trigger' in run && run.trigger === 'schedule') resolve(run);
    });
  });
  await fixture.start();
  t.match(await scheduled, { trigger: 'schedule' });
});

t.test('output.csv is never missing or partial while generations are published', async (t) => {
  const fixture = await makeFixture(t);
  for (let i = 0; i < 200; i++) fixture.put(`${i}.csv`, record('Ada', 'Lovelace', 0));
  await fixture.start();
  let reading = true;
  let reads = 0;
  const reader = (async () => {
    while (reading) {
      const births = new Set(fixture.rows().map((row) => row.split(',')[3]));
      if (births.size !== 1 || fixture.rows().length !== 200) throw new Error(`a mix: ${[...births]}`);
      reads++;
      await new Promise(setImmediate);
    }
  })();
  for (let i = 1; i <= 5; i++) {
    for (let user = 0; user < 200; user++) fixture.put(`${user}.csv`, record('Ada', 'Lovelace', i));
    t.match(await fixture.run(), { updated: 200 });
  }
  reading = false;
  await reader;
  t.ok(reads > 10, `${reads} reads`);
});

/** A bus that can be disconnected. */
function switchable() {
  const inner = inProcessBus({ streams: STREAMS, onError: () => undefined });
  const state = { away: false };
  const listeners: (() => void)[] = [];
  const subjects: string[] = [];
  const changes = new EventTarget();
  const bus: EventBus = {
    ...inner,
    get connected() {
      return !state.away;
    },
    onConnected(listener) {
      listeners.push(listener);
      return () => undefined;
    },
    async keep(subject, message, id) {
      if (state.away) throw new BusError('unavailable', 'away');
      await inner.keep(subject, message, id);
      subjects.push(subject);
      changes.dispatchEvent(new Event('kept'));
    },
  };
  return {
    bus,
    subjects,
    leave(): void {
      state.away = true;
    },
    comeBack(): void {
      state.away = false;
      for (const listener of listeners) listener();
    },
    async kept(count: number): Promise<void> {
      while (subjects.length < count) await once(changes, 'kept', { signal: AbortSignal.timeout(5_000) });
    },
  };
}
