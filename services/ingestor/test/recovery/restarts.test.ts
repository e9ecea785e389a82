import { once } from 'node:events';
import fs from 'node:fs';
import { DATASET_UPDATED, STREAMS } from '@landfall/contracts/messages/events';
import { BusError, type EventBus } from '@landfall/event-bus/event-bus';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import t from 'tap';
import { makeWorld, record } from '../support/_ingestor.ts';

t.test('a restart continues, and announces the published generation', async (t) => {
  const world = await makeWorld(t);
  world.put('7.csv', record('Ada', 'Lovelace', 5));
  await world.start();
  await world.stop();
  const updated = new Promise((resolve) => world.bus.subscribe(DATASET_UPDATED, resolve));
  t.match(await world.start(), { published: false, fetched: 0, unchanged: 1, generation: 1 });
  t.match(await updated, { id: `1-${world.manifest().version}`, data: { counts: { added: 1 } } });
});

t.test(
  'the state can be deleted at any time: last good versions are restored from the published data',
  async (t) => {
    const world = await makeWorld(t);
    world.put('7.csv', record('Ada', 'Lovelace', 5));
    world.put('8.csv', record('Alan', 'Turing', 6));
    await world.start();
    world.put('7.csv', 'broken');
    await world.run();
    const [before, rejects] = [world.output(), await world.rejects()];
    await world.stop();
    fs.rmSync(world.stateDir, { recursive: true });
    world.time.now += 3_600_000;
    t.match(await world.start(), {
      published: false,
      fetched: 2,
      generation: 2,
      added: 0,
      updated: 0,
      rejected: 1,
    });
    t.equal(world.output(), before);
    t.same(await world.rejects(), rejects, 'since then, as before');
  },
);

t.test('a damaged state file is rebuilt', async (t) => {
  const world = await makeWorld(t);
  world.put('7.csv', record('Ada', 'Lovelace', 5));
  await world.start();
  await world.stop();
  for (const name of fs.readdirSync(world.stateDir))
    fs.rmSync(`${world.stateDir}/${name}`, { recursive: true });
  fs.writeFileSync(
    `${world.stateDir}/catalog.sqlite`,
    'this is no database, and long enough to be looked at'.repeat(200),
  );
  t.match(await world.start(), { status: 'succeeded', published: false, fetched: 1, generation: 1 });
});

t.test('after the processed bucket is emptied, the next run publishes a higher generation', async (t) => {
  const world = await makeWorld(t);
  world.put('7.csv', record('Ada', 'Lovelace', 5));
  world.put('8.csv', record('Alan', 'Turing', 6));
  await world.start();
  world.put('8.csv', 'broken');
  await world.run();
  const before = world.output();
  fs.rmSync(world.processed(''), { recursive: true });
  fs.mkdirSync(world.processed(''));
  t.match(await world.run(), { published: true, generation: 3, fetched: 0, added: 0, rejected: 1 });
  t.equal(world.output(), before);
});

t.test('without state and processed bucket, the generation continues from the last event', async (t) => {
  const world = await makeWorld(t);
  world.put('7.csv', record('Ada', 'Lovelace', 5));
  await world.start();
  await world.stop();
  fs.rmSync(world.stateDir, { recursive: true });
  fs.rmSync(world.processed(''), { recursive: true });
  fs.mkdirSync(world.processed(''));
  t.match(await world.start(), { published: true, generation: 2, added: 1 });
});

t.test('removed snapshots are written again, and the rows are restored from output.csv', async (t) => {
  const world = await makeWorld(t);
  world.put('7.csv', record('Ada', 'Lovelace', 5));
  world.put('8.csv', record('Alan', 'Turing', 6));
  await world.start();
  world.put('8.csv', 'broken');
  await world.run();
  const [before, { snapshot }] = [world.output(), world.manifest()];
  await world.stop();
  fs.rmSync(world.stateDir, { recursive: true });
  fs.rmSync(world.processed('datasets'), { recursive: true });
  t.match(await world.start(), { published: false, generation: 2, added: 0, rejected: 1 });
  t.equal(fs.readFileSync(world.processed(snapshot.key), 'utf8'), before);
});

t.test('the last generations and all young ones are kept', async (t) => {
  const world = await makeWorld(t, { keepGenerations: 3 });
  const generations = () =>
    [...new Set(fs.readdirSync(world.processed('datasets')).map((name) => Number(name.split('-')[0])))].sort(
      (a, b) => a - b,
    );
  await world.start();
  world.time.now = Date.now();
  for (let i = 2; i <= 6; i++) {
    world.put('7.csv', record('Ada', 'Lovelace', i));
    await world.run();
  }
  t.same(generations(), [1, 2, 3, 4, 5, 6], 'younger than 15 minutes');
  world.time.now += 16 * 60_000;
  world.put('7.csv', record('Ada', 'Lovelace', 7));
  await world.run();
  t.same(generations(), [5, 6, 7]);
  const perGeneration = fs.readdirSync(world.processed('datasets')).length / 3;
  t.equal(perGeneration, 2, 'users and rejects of each');
});

t.test('runs continue while the bus is away, and all messages are sent at the reconnection', async (t) => {
  const { bus, subjects, leave, comeBack, kept } = switchable();
  const world = await makeWorld(t, { bus });
  world.put('7.csv', record('Ada', 'Lovelace', 5));
  leave();
  const report = await world.start();
  t.match(report, { status: 'succeeded', published: true });
  t.same(subjects, []);
  comeBack();
  await kept(2);
  t.same(subjects, [DATASET_UPDATED, `ingest.progress.${report.run_id}`], 'in order');
});

t.test('two requests during a run share the next run', async (t) => {
  const world = await makeWorld(t);
  await world.start();
  world.put('7.csv', record('Ada', 'Lovelace', 5));
  const replies = await Promise.all([1, 2, 3].map(() => world.bus.request('ingest.run', {}, 5_000)));
  const ids = replies.map((reply) => JSON.stringify(reply));
  t.not(ids[0], ids[1], 'the first starts at once');
  t.equal(ids[1], ids[2], 'the others share one');
});

t.test('runs are scheduled, and a failed run is repeated earlier', async (t) => {
  const world = await makeWorld(t, { everyMs: 300, clock: Date.now });
  const scheduled = new Promise((resolve) => {
    world.bus.subscribe('ingest.progress.*', (run) => {
      if (typeof run === 'object' && run && 'trigger' in run && run.trigger === 'schedule') resolve(run);
    });
  });
  await world.start();
  t.match(await scheduled, { trigger: 'schedule' });
});

t.test('output.csv is never missing or partial while generations are published', async (t) => {
  const world = await makeWorld(t);
  for (let i = 0; i < 200; i++) world.put(`${i}.csv`, record('Ada', 'Lovelace', 0));
  await world.start();
  let reading = true;
  let reads = 0;
  const reader = (async () => {
    while (reading) {
      const births = new Set(world.rows().map((row) => row.split(',')[3]));
      if (births.size !== 1 || world.rows().length !== 200) throw new Error(`a mix: ${[...births]}`);
      reads++;
      await new Promise(setImmediate);
    }
  })();
  for (let i = 1; i <= 5; i++) {
    for (let user = 0; user < 200; user++) world.put(`${user}.csv`, record('Ada', 'Lovelace', i));
    t.match(await world.run(), { updated: 200 });
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
