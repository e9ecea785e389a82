import fs from 'node:fs';
import { mock } from 'node:test';
import { QUIET_MS } from '@landfall/concurrency/debounce';
import type { RunReport } from '@landfall/contracts/messages/run';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { type Faults, noFaults, type Order, withFaults } from '../support/_faulty-store.ts';
import { type Fixture, makeFixture, record } from '../support/_ingestor.ts';
import { NaiveMirror } from '../support/_naive-mirror.ts';

const RECORDS = ['7.csv', 'a/7.csv', 'b/7.CSV', '8.csv', 'z/8.csv', '9.csv', 'e\u0301.csv', '\u00e9.csv'];
const IMAGES = ['7.png', 'a/7.jpg', 'b/7.PNG', '8.gif', '8.webp', '5.png', 'e\u0301.gif', '\u00e9.png'];
const ODD = ['.sync/7.csv', '#recycle/8.csv', 'a/~$9.csv', '._7.png'];
const ORDERS: readonly Order[] = ['sorted', 'reversed', 'repeated', 'page again'];
/** A row whose record object always exists and can always be read. */
const SENTINEL = '\uffee.csv';
const anyRecord = fc.constantFrom(...RECORDS);
const anyImage = fc.constantFrom(...IMAGES);
const anyOdd = fc.constantFrom(...ODD);
const anyKey = fc.oneof(anyRecord, anyImage, anyOdd);
const born = fc.integer({ min: 0, max: 3 });
const BROKEN = fc.constant(null);

/** The system under test. */
interface Real {
  t: Test;
  fixture: Fixture;
  faults: Faults;
}
type Command = fc.AsyncCommand<NaiveMirror, Real>;

/** Changes files. The event is then sent, or lost. */
function change(
  name: string,
  keys: [string, ...string[]],
  isLost: boolean,
  happens: (model: NaiveMirror, fixture: Fixture) => void,
): Command {
  const needsFile = !/put|tell/.test(name);
  return {
    check: (model) => !needsFile || model.files.has(keys[0]),
    async run(model, { t, fixture }) {
      happens(model, fixture);
      if (isLost) return;
      // A message of odd files alone causes no run.
      const report = await runOnChange(fixture, [...keys, 'never-there.csv']);
      model.runKeys(keys);
      await expectSame(t, model, fixture, report);
    },
    toString: () => `${name} ${keys.join(' → ')}${isLost ? ' (untold)' : ''}`,
  };
}

/** Sets or clears a fault of the store. */
function fault(name: string, happens: (model: NaiveMirror, faults: Faults) => void): Command {
  return {
    check: () => true,
    run: async (model, { faults }) => happens(model, faults),
    toString: () => name,
  };
}

/** Does something to the ingestor that causes a full run. */
function listing(
  name: string,
  happens: (model: NaiveMirror, fixture: Fixture) => Promise<RunReport>,
): Command {
  return {
    check: () => true,
    async run(model, { t, fixture }) {
      const report = await happens(model, fixture);
      model.runFull();
      await expectSame(t, model, fixture, report);
    },
    toString: () => name,
  };
}

function write(model: NaiveMirror, fixture: Fixture, key: string, birthts: number | null): void {
  model.put(key, birthts);
  fixture.put(key, birthts === null ? 'broken' : record(key, 'x', birthts));
}

function remove(model: NaiveMirror, fixture: Fixture, key: string): number | null {
  const birthts = model.files.get(key)?.birthts ?? null;
  model.files.delete(key);
  fixture.remove(key);
  return birthts;
}

const writes = (name: string, key: fc.Arbitrary<string>, birthts: fc.Arbitrary<number | null>) =>
  fc
    .tuple(key, birthts, fc.boolean())
    .map(([key, ts, lost]) => change(name, [key], lost, (model, fixture) => write(model, fixture, key, ts)));

const commands: fc.Arbitrary<Command>[] = [
  writes('put', anyRecord, born),
  writes('put image', anyImage, born),
  writes('overwrite', anyKey, born),
  writes('break', anyRecord, BROKEN),
  writes('fix', anyRecord, born),
  writes('put odd', anyOdd, fc.oneof(born, BROKEN)),
  fc.constantFrom(...ORDERS).map((order) =>
    fault(`list ${order}`, (_model, faults) => {
      faults.order = order;
    }),
  ),
  anyRecord.map((key) =>
    fault(`deny ${key}`, (model, faults) => {
      faults.reads.set(key, 'access_denied');
      model.denied.add(key);
    }),
  ),
  anyRecord.map((key) =>
    fault(`allow ${key}`, (model, faults) => {
      faults.reads.delete(key);
      model.denied.delete(key);
    }),
  ),
  fc
    .tuple(anyKey, fc.boolean())
    .map(([key, lost]) => change('delete', [key], lost, (model, fixture) => remove(model, fixture, key))),
  fc
    .tuple(anyRecord, anyRecord, fc.boolean())
    .map(([from, to, lost]) =>
      change('rename', [from, to], lost, (model, fixture) =>
        write(model, fixture, to, remove(model, fixture, from)),
      ),
    ),
  fc.tuple(anyKey, anyKey).map((keys) => change('tell late or again', keys, false, () => undefined)),
  fc.constant(listing('request', (_model, fixture) => fixture.run())),
  fc.constant(
    listing('restart', async (_model, fixture) => {
      await fixture.stop();
      return await fixture.start();
    }),
  ),
  fc.constant(
    listing('lose the state', async (model, fixture) => {
      await fixture.stop();
      fs.rmSync(fixture.stateDir, { recursive: true });
      model.loseState();
      return await fixture.start();
    }),
  ),
];

t.test('the data set equals that of a naive implementation for the same states of the bucket', async (t) => {
  // Bursts are gathered for a while; here that while passes when the test says so.
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 25 }), async (history) => {
      const faults = noFaults();
      const fixture = await makeFixture(t, { everyMs: 1e12 }, withFaults(faults));
      const model = new NaiveMirror();
      fixture.put(SENTINEL, record('x', 'x', 0));
      await fixture.start();
      await fc.asyncModelRun(() => ({ model, real: { t, fixture, faults } }), history);
      await listing('the end', () => fixture.run()).run(model, { t, fixture, faults });
      faults.reads.clear();
      model.denied.clear();
      await listing('without faults', () => fixture.run()).run(model, { t, fixture, faults });
      await fixture.stop();
      if (!model.everBroken) await expectAsFromScratch(t, fixture);
    }),
    { numRuns: 30 },
  );
});

/** Sends an event, lets the quiet time of a burst elapse, and waits for the run. */
async function runOnChange(fixture: Fixture, keys: readonly string[]): Promise<RunReport> {
  let report: RunReport | undefined;
  fixture.nextReport().then((next) => {
    report = next;
  });
  fixture.sendEvent(keys);
  while (!report) {
    await new Promise(setImmediate);
    mock.timers.tick(QUIET_MS);
  }
  return report;
}

async function expectSame(t: Test, model: NaiveMirror, fixture: Fixture, report: RunReport): Promise<void> {
  t.equal(report.status, 'succeeded', report.error ?? '');
  t.same(fixture.rows().slice(0, -1), model.rows());
  const rejects = (await fixture.rejects()).map(({ key, reason, kept_previous: kept }) => [
    key,
    reason,
    kept,
  ]);
  t.same(rejects, model.rejects());
  t.equal(report.orphan_images, model.orphanImages());
  t.equal(report.rejected, rejects.length);
}

/** When no file was ever broken, the data set has no history: a new ingestor makes the same one. */
async function expectAsFromScratch(t: Test, fixture: Fixture): Promise<void> {
  const other = await makeFixture(t);
  fs.cpSync(fixture.source(''), other.source(''), { recursive: true });
  await other.start();
  t.equal(other.output(), fixture.output());
  t.same(
    (await other.rejects()).map(({ since: _, ...reject }) => reject),
    (await fixture.rejects()).map(({ since: _, ...reject }) => reject),
  );
  await other.stop();
}
