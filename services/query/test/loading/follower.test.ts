import type { User } from '@landfall/contracts/dataset/users';
import { DATASET_UPDATED, STREAMS } from '@landfall/contracts/messages/events';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { directoryStore } from '@landfall/object-store/directory-store';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';
import { makeLogger } from '@landfall/process/logger';
import t, { type Test } from 'tap';
import { type Query, startQuery } from '../../src/start.ts';
import {
  afterGeneration,
  changesBetween,
  type MadeGeneration,
  makeGeneration,
  publishTo,
  usersNamed,
} from '../support/_generation.ts';

async function setUp(t: Test) {
  const root = t.testdir({ 'processed-data': {} });
  const store = directoryStore(root);
  const bus = inProcessBus({ streams: STREAMS, onError: (error) => t.error(error) });
  const start = async (over: ObjectStore = store): Promise<Query> => {
    const query = await startQuery({
      store: over,
      bus,
      processedBucket: 'processed-data',
      stateDir: `${root}/state`,
      host: '127.0.0.1',
      port: 0,
      keepGenerations: 10,
      runWaitMs: 1_000,
      generationWaitMs: 1_000,
      cacheBytes: 2 ** 20,
      clock: Date.now,
      log: makeLogger('test', 'silent'),
    });
    let stopped: Promise<void> | undefined;
    const stop = () => (stopped ??= query.stop());
    t.teardown(stop);
    return { ...query, stop };
  };
  const publish = (generation: number, name: string) =>
    publishTo(store, 'processed-data', makeGeneration(generation, usersNamed(name, 3)));
  return { store, bus, start, publish };
}

async function served(query: Query): Promise<string> {
  const response = await fetch(`${query.address}/data`);
  const body: User[] | { code: string } = JSON.parse(await response.text());
  return Array.isArray(body) ? (body[0]?.last_name ?? 'nobody') : body.code;
}

/** Requests until the answer is the expected one. */
async function until(query: Query, expected: string): Promise<string> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    if ((await served(query)) === expected) break;
  }
  return await served(query);
}

t.test('the published generation is served at the start, and the next one after an event', async (t) => {
  const { bus, start, publish } = await setUp(t);
  await publish(1, 'one');
  const query = await start();
  t.equal(await until(query, 'one'), 'one');
  await publish(2, 'two');
  await bus.keep(DATASET_UPDATED, 'any content', 'x');
  t.equal(await until(query, 'two'), 'two');
});

t.test('a sync loads a generation whose event was lost', async (t) => {
  const { start, publish } = await setUp(t);
  const query = await start();
  t.equal(await served(query), 'no_data_set');
  await publish(1, 'one');
  await query.syncNow();
  t.equal(await served(query), 'one');
  await publish(2, 'two');
  await query.syncNow();
  t.equal(await served(query), 'two');
});

t.test('the served generation stays when the snapshot of the new one is missing', async (t) => {
  const { store, start, publish } = await setUp(t);
  await publish(1, 'one');
  const query = await start();
  await query.syncNow();
  const next = makeGeneration(2, usersNamed('two', 3));
  await store.put('processed-data', 'manifest.json', Buffer.from(JSON.stringify(next.manifest)));
  await t.rejects(query.syncNow(), { name: 'StoreError', code: 'not_found' });
  t.equal(await served(query), 'one');
  await publishTo(store, 'processed-data', next);
  await query.syncNow();
  t.equal(await served(query), 'two');
});

t.test('another lineage is loaded, although its generation number is lower', async (t) => {
  const { store, start, publish } = await setUp(t);
  await publish(41, 'old');
  const query = await start();
  await query.syncNow();
  await store.remove('processed-data', 'manifest.json');
  await query.syncNow();
  t.equal(await served(query), 'old', 'an empty bucket changes nothing');
  await publish(1, 'new');
  await query.syncNow();
  t.equal(await served(query), 'new');
});

t.test('a restarted service serves at once, also while the store is unavailable', async (t) => {
  const { store, start, publish } = await setUp(t);
  await publish(1, 'one');
  const first = await start();
  await first.syncNow();
  await first.stop();
  const gone = () => Promise.reject(new StoreError('unavailable', 'away'));
  const second = await start({ ...store, read: gone, open: gone });
  t.equal(await served(second), 'one');
  await t.rejects(second.syncNow(), { code: 'unavailable' });
  t.equal(await served(second), 'one');
});

t.test(
  'a replica with the previous generation downloads the delta only, any other replica the snapshot',
  async (t) => {
    const { store, start } = await setUp(t);
    const opened: string[] = [];
    const open: ObjectStore['open'] = (bucket, key) => {
      opened.push(key.replace(/-.*/, ''));
      return store.open(bucket, key);
    };
    const query = await start({ ...store, open });
    const users = ['one', 'two', 'three', 'four'].map((name) => [
      ...usersNamed(name, 2),
      ...usersNamed('x', 9).slice(2),
    ]);
    let last = makeGeneration(1, users[0] ?? []);
    const publishNext = async (isSynced: boolean) => {
      const { generation } = last.manifest;
      const [before = [], now = []] = users.slice(generation - 1);
      last = afterGeneration(last.manifest, changesBetween(before, now), makeGeneration(generation + 1, now));
      await publishTo(store, 'processed-data', last);
      if (isSynced) await query.syncNow();
    };
    await publishTo(store, 'processed-data', last);
    await query.syncNow();
    t.same(opened.splice(0), ['datasets/1', 'datasets/1']);
    await publishNext(true);
    t.equal(await served(query), 'two');
    t.same(opened.splice(0), ['deltas/2', 'datasets/2'], 'the rejects are downloaded as a whole');
    await publishNext(false);
    await publishNext(true);
    t.equal(await served(query), 'four');
    t.same(opened.splice(0), ['datasets/4', 'datasets/4'], 'a generation was missed');
  },
);

t.test('when the delta is missing or wrong, the same sync loads the snapshot', async (t) => {
  for (const [what, spoil] of [
    ['another content', (made) => ({ ...made, delta: made.delta?.replace('two', 'xxx') ?? '' })],
    ['an empty one', (made) => ({ ...made, delta: '' })],
    ['a missing one', (made) => made],
  ] as [string, (made: MadeGeneration) => MadeGeneration][]) {
    const { store, start } = await setUp(t);
    const query = await start();
    const [one, two] = [usersNamed('one', 9), [...usersNamed('two', 1), ...usersNamed('one', 9).slice(1)]];
    const first = makeGeneration(1, one);
    await publishTo(store, 'processed-data', first);
    await query.syncNow();
    const next = afterGeneration(first.manifest, changesBetween(one, two), makeGeneration(2, two));
    await publishTo(store, 'processed-data', spoil(next));
    if (what === 'a missing one') await store.remove('processed-data', next.manifest.delta?.key ?? '');
    await query.syncNow();
    t.equal(await served(query), 'two', what);
    await query.stop();
  }
});

t.test('a snapshot that differs from the manifest is not served', async (t) => {
  const { store, start, publish } = await setUp(t);
  await publish(1, 'one');
  const query = await start();
  await query.syncNow();
  const made = makeGeneration(2, usersNamed('two', 3));
  await publishTo(store, 'processed-data', { ...made, users: made.users.replace('two', 'xxx') });
  for (let i = 0; i < 2; i++) await t.rejects(query.syncNow(), { name: 'LoadError', message: /checksum/ });
  t.equal(await served(query), 'one');
});
