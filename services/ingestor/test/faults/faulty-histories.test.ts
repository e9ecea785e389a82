import fs from 'node:fs';
import { mock } from 'node:test';
import { QUIET_MS } from '@landfall/concurrency/debounce';
import type { RunReport } from '@landfall/contracts/messages/run';
import type { ListingFault, StoreErrorCode } from '@landfall/object-store/object-store';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { SETTLE_MS } from '../../src/fetch/unsettled.ts';
import { type Faults, noFaults, type Order, withFaults } from '../support/_faulty-store.ts';
import { type Fixture, makeFixture, record } from '../support/_ingestor.ts';

const KEYS = [
  ...['7.csv', 'a/7.csv', '8.csv', 'a/b/8.csv', 'e\u0301.csv', '\u00e9.csv', '.sync/7.csv', '#recycle/9.csv'],
  ...['7.png', 'a/7.jpg', 'a/b/8.gif', '\u00e9.png', 'e\u0301.gif', '~$8.png'],
];
const CODES: readonly StoreErrorCode[] = ['access_denied', 'timeout', 'unreadable', 'outside_bucket'];
const FAULTS: readonly ListingFault['code'][] = ['unreadable', 'outside_bucket', 'not_utf8_name'];
const ORDERS: readonly Order[] = ['sorted', 'reversed', 'repeated', 'page again'];
/** A record that can always be read, so that the store as a whole counts as working. */
const SENTINEL = '\uffee.csv';

/** A change of the bucket, a fault of the store, or a run. */
type Step = { name: string } & (
  | { happens: (fixture: Fixture, faults: Faults) => void }
  | { runs: (fixture: Fixture) => Promise<RunReport> }
);

const key = fc.constantFrom(...KEYS);
const step = (name: string, happens: (fixture: Fixture, faults: Faults) => void): Step => ({ name, happens });
const run = (name: string, runs: (fixture: Fixture) => Promise<RunReport>): Step => ({ name, runs });

const steps: fc.Arbitrary<Step>[] = [
  fc.tuple(key, fc.integer({ min: 0, max: 3 }), fc.boolean()).map(([key, birthts, isCut]) =>
    step(`put ${key} ${birthts}${isCut ? ' (being written)' : ''}`, (fixture, faults) => {
      fixture.put(key, record('x', 'x', birthts));
      if (isCut) faults.modified.set(key, fixture.time.now);
      else faults.modified.delete(key);
    }),
  ),
  key.map((key) => step(`remove ${key}`, (fixture) => fs.rmSync(fixture.source(key), { force: true }))),
  fc.tuple(key, fc.constantFrom(...CODES)).map(([key, code]) =>
    step(`${code} ${key}`, (_fixture, { reads, heads }) => {
      reads.set(key, code);
      heads.set(key, code);
    }),
  ),
  fc.tuple(key, fc.constantFrom(...FAULTS)).map(([key, code]) =>
    step(`listed ${key} ${code}`, (_fixture, { listed }) => {
      listed.set(key, { code, detail: code });
    }),
  ),
  key.map((key) =>
    step(`mend ${key}`, (_fixture, { reads, heads, listed }) => {
      for (const faulty of [reads, heads, listed]) faulty.delete(key);
    }),
  ),
  fc.constantFrom('a/', 'a/b/', '.sync/').map((folder) =>
    step(`close or open ${folder}`, (_fixture, { folders }) => {
      if (!folders.delete(folder)) folders.add(folder);
    }),
  ),
  fc.constantFrom(...ORDERS).map((order) =>
    step(order, (_fixture, faults) => {
      faults.order = order;
    }),
  ),
  fc.boolean().map((hasEtags) =>
    step(hasEtags ? 'ETags' : 'no ETags', (_fixture, faults) => {
      faults.hasEtags = hasEtags;
    }),
  ),
  fc.constant(
    step('time', (fixture) => {
      fixture.time.now += SETTLE_MS;
    }),
  ),
  fc.subarray(KEYS, { minLength: 1 }).map((keys) =>
    run(`tell ${keys}`, (fixture) => {
      const report = fixture.nextReport();
      // An event about files of tools alone causes no run.
      fixture.sendEvent([...keys, 'never-there.csv']);
      return report;
    }),
  ),
  fc.constant(run('request', (fixture) => fixture.run())),
  fc.constant(
    run('restart', async (fixture) => {
      await fixture.stop();
      return await fixture.start();
    }),
  ),
  fc.constant(
    run('lose the state', async (fixture) => {
      await fixture.loseState();
      return await fixture.start();
    }),
  ),
];
const history = fc.array(fc.oneof(...steps), { size: 'max', maxLength: 30 });
const first = fc.subarray(KEYS, { minLength: KEYS.length / 2 });

t.test('after any faults have ended, the data set equals the bucket', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  await fc.assert(
    fc.asyncProperty(first, history, async (first, history) => {
      const faults = noFaults();
      const fixture = await makeFixture(t, { everyMs: 1e12 }, withFaults(faults));
      for (const key of [...first, SENTINEL]) fixture.put(key, record('x', 'x', 0));
      await ticking(fixture.start());
      for (const each of history) {
        if ('happens' in each) {
          each.happens(fixture, faults);
          continue;
        }
        succeeded(await ticking(each.runs(fixture)), each.name);
        if (!fixture.rows().some((row) => row.startsWith('\uffee,'))) throw new Error('it lost a user');
      }
      Object.assign(faults, noFaults());
      succeeded(await ticking(fixture.run()), 'the end');
      await fixture.stop();
      await sameAsFromScratch(t, fixture);
      t.pass('as from scratch');
    }),
    { numRuns: 25 },
  );
});

/** Faults of single objects, folders and listings fail no run. */
function succeeded(report: RunReport, name: string): void {
  if (report.status !== 'succeeded') throw new Error(`${name}: ${report.error}`);
}

/** Fires timers until a condition holds: bursts end, and files that were being written settle. */
async function ticking<T>(coming: Promise<T>): Promise<T> {
  let isOver = false;
  const over = coming.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined);
  while (!isOver) {
    await new Promise(setImmediate);
    mock.timers.tick(QUIET_MS);
  }
  return await over;
}

async function sameAsFromScratch(t: Test, fixture: Fixture): Promise<void> {
  const other = await makeFixture(t);
  fs.cpSync(fixture.source(''), other.source(''), { recursive: true });
  await other.start();
  const withoutSince = async ({ rejects }: Fixture) =>
    (await rejects()).map(({ since: _, ...reject }) => reject);
  const [got, wanted] = [
    [fixture.output(), await withoutSince(fixture)],
    [other.output(), await withoutSince(other)],
  ];
  await other.stop();
  if (JSON.stringify(got) !== JSON.stringify(wanted)) {
    t.same(got, wanted);
    throw new Error('it is not what the bucket holds');
  }
}
