import { once } from 'node:events';
import { MANIFEST_KEY } from '@landfall/contracts/dataset/manifest';
import { USERS } from '@landfall/contracts/dataset/users';
import { INGEST_ALIVE, STREAMS } from '@landfall/contracts/messages/events';
import type { EventBus, LeaseState } from '@landfall/event-bus/event-bus';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { makeLogger } from '@landfall/process/logger';
import t, { type Test } from 'tap';
import { LeadershipLostError } from '../../src/errors/leadership-lost.ts';
import { startIngestor } from '../../src/start.ts';
import { makeFixture, record } from '../support/_ingestor.ts';

// The timers of an ingestor keep no process alive: its health server does.
const alive = setInterval(() => undefined, 1_000);
t.teardown(() => clearInterval(alive));

t.test('the second of two ingestors on one bus waits and does nothing until the first stops', async (t) => {
  const fixture = await makeFixture(t);
  fixture.put('1.csv', record('Ada', 'Lovelace', 5));
  await fixture.start();
  const second = startSecond(t, fixture);
  await new Promise(setImmediate);
  t.match(second.health(), { role: 'waiting', ready: true, conditions: [{ code: 'waiting' }] });
  t.same(
    await fixture.bus.request(INGEST_ALIVE, {}, 5_000),
    { alive: true, conditions: [] },
    'the leader answers',
  );
  t.match(await fixture.run(), { status: 'succeeded' });
  // Before stop: the second leads as soon as the lease is free, while the first still closes its files.
  fixture.put('2.csv', record('Alan', 'Turing', 6));
  await fixture.stop();
  t.match(
    await second.firstRun,
    { trigger: 'start', status: 'succeeded', listed: 2 },
    'it lists the whole bucket',
  );
  t.match(second.health(), { role: 'leader', ready: true, conditions: [] });
  t.equal(fixture.manifest().generation, 2);
});

t.test('two ingestors on one STATE_DIR: the second waits and names the folder', async (t) => {
  const fixture = await makeFixture(t);
  await fixture.start();
  const second = startSecond(t, fixture, { stateDir: fixture.stateDir });
  t.match(second.health(), { role: 'waiting', reason: new RegExp(`STATE_DIR .*${fixture.stateDir}`) });
  await fixture.stop();
  t.match(await second.firstRun, { status: 'succeeded' });
});

t.test('a refused manifest ends the leadership; the next leadership starts with a full run', async (t) => {
  const refusing = { puts: false };
  const fixture = await makeFixture(t, {}, (store) => ({
    ...store,
    put(bucket, key, ...rest) {
      const isRefused = refusing.puts && key === MANIFEST_KEY;
      return isRefused ? Promise.reject(new LeadershipLostError('refused')) : store.put(bucket, key, ...rest);
    },
  }));
  await fixture.start();
  refusing.puts = true;
  fixture.put('1.csv', record('Ada', 'Lovelace', 5));
  const failed = await fixture.run();
  t.match(failed, { status: 'failed', error: 'refused', error_code: 'leadership_lost', published: false });
  refusing.puts = false;
  t.match(await fixture.nextReport(), { trigger: 'start', status: 'succeeded', listed: 1, published: true });
});

t.test(
  'a leader whose lease another ingestor holds writes nothing more, even without conditional puts',
  async (t) => {
    const { bus, become } = busWithLease();
    let atManifest = (): void => undefined;
    const fixture = await makeFixture(t, { bus }, (store) => ({
      ...store,
      async put(bucket, key, ...rest) {
        // The process is paused just before it puts the manifest, and the lease goes to another one.
        if (key !== MANIFEST_KEY) atManifest();
        return await store.put(bucket, key, ...rest);
      },
    }));
    fixture.put('1.csv', record('Ada', 'Lovelace', 5));
    t.match(await fixture.start(), { published: true });
    atManifest = () => become({ kind: 'taken', holder: 'other' }, false);
    fixture.put('2.csv', record('Alan', 'Turing', 6));
    const reports = fixture.nextReport();
    fixture.sendEvent(['2.csv']);
    const report = await reports;
    t.match(report, { status: 'failed', published: false, error: /other/ });
    t.equal(fixture.manifest().generation, 1);
  },
);

t.test('stop resolves although the store and the bus hang', async (t) => {
  const hanging = { isOn: false };
  const { bus } = busWithLease();
  const hung = new EventTarget();
  const fixture = await makeFixture(
    t,
    { bus: { ...bus, keep: (...args) => (hanging.isOn ? never() : bus.keep(...args)) } },
    (store) => ({
      ...store,
      async *list(...args) {
        if (hanging.isOn) {
          hung.dispatchEvent(new Event('hung'));
          await never();
        }
        yield* store.list(...args);
      },
    }),
  );
  await fixture.start();
  hanging.isOn = true;
  const isHung = once(hung, 'hung');
  fixture.sendEvent(undefined);
  await isHung;
  await fixture.stop();
  t.pass('it stopped');
});

const never = (): Promise<never> => new Promise(() => undefined);

function startSecond(
  t: Test,
  fixture: Awaited<ReturnType<typeof makeFixture>>,
  changes: { stateDir?: string } = {},
) {
  const ingestor = startIngestor({
    definition: USERS,
    store: fixture.store,
    bus: fixture.bus,
    sourceBucket: 'src-data',
    processedBucket: 'processed-data',
    stateDir: `${fixture.stateDir}-2`,
    fetchConcurrency: 4,
    keepGenerations: 10,
    everyMs: 25 * 60_000,
    clock: () => fixture.time.now,
    log: makeLogger('test', 'silent'),
    ...changes,
  });
  t.teardown(ingestor.stop);
  return ingestor;
}

/** A bus with a lease that the test grants and revokes. */
function busWithLease() {
  const inner = inProcessBus({ streams: STREAMS, onError: () => undefined });
  let state: LeaseState = { kind: 'held' };
  let notify: (state: LeaseState) => void = () => undefined;
  const bus: EventBus = {
    ...inner,
    connected: true,
    lease(_name, _holder, onChange) {
      notify = onChange;
      return {
        get state(): LeaseState {
          return state;
        },
        value: 0,
        raise: () => undefined,
        check: async () => state,
        release: async () => undefined,
      };
    },
  };
  return {
    bus,
    become(next: LeaseState, isNotified: boolean): void {
      state = next;
      if (isNotified) notify(next);
    },
  };
}
