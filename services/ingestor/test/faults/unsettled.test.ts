import { mock } from 'node:test';
import { QUIET_MS } from '@landfall/concurrency/debounce';
import t, { type Test } from 'tap';
import { SETTLE_MS } from '../../src/fetch/unsettled.ts';
import { noFaults, withFaults } from '../support/_faulty-store.ts';
import { HEADER, makeFixture, record } from '../support/_ingestor.ts';

const CUT = `${HEADER}Ada, Lovelace, -48617`;
const WHOLE = record('Ada', 'Lovelace', -4861728000000);

/** A fixture with a stopped clock, in which files can be marked as being written. Timers fire in `until`. */
async function makeSlowFixture(t: Test) {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const faults = noFaults();
  const { modified } = faults;
  const look = modified.get.bind(modified);
  let onRead: ((key: string) => void) | undefined;
  modified.get = (key) => {
    const found = look(key);
    onRead?.(key);
    return found;
  };
  const fixture = await makeFixture(t, { everyMs: 1e12 }, withFaults(faults));
  return {
    ...fixture,
    /** Writes a file that was just modified: without a final line end it is incomplete, with one it is complete. */
    write(key: string, content: string, isOver = false): void {
      fixture.put(key, content);
      if (isOver) faults.modified.delete(key);
      else faults.modified.set(key, fixture.time.now);
    },
    /** Resolves right after the next read of a file. */
    nextRead: (key: string) =>
      new Promise<void>((resolve) => {
        onRead = (read) => void (read === key && resolve());
      }),
    /** Fires timers until a condition holds. */
    async until<T>(coming: Promise<T>): Promise<{ came: T; ticked: number }> {
      let ticked = 0;
      let result: { came: T; ticked: number } | undefined;
      coming.then((came) => {
        result = { came, ticked };
      });
      while (!result) {
        await new Promise(setImmediate);
        mock.timers.tick(QUIET_MS);
        ticked += QUIET_MS;
      }
      return result;
    },
  };
}

t.test('a run caused by an event skips a file that is being written, and a later run reads it', async (t) => {
  const fixture = await makeSlowFixture(t);
  fixture.put('7.csv', WHOLE);
  fixture.put('8.csv', record('Alan', 'Turing', 6));
  await fixture.start();
  const rows = fixture.rows();
  fixture.write('7.csv', CUT);
  fixture.write('9.csv', CUT);
  fixture.put('8.csv', record('Alan', 'T', 6));
  const report = fixture.nextReport();
  fixture.sendEvent(['7.csv', '8.csv', '9.csv']);
  const { came: first } = await fixture.until(report);
  t.match(first, { status: 'succeeded', updated: 1, added: 0, removed: 0, rejected: 0 });
  t.same(fixture.rows(), [rows[0], '8,Alan,T,6,'], 'the last good version stays');

  fixture.write('7.csv', WHOLE, true);
  fixture.time.now += SETTLE_MS;
  for (let added = 0; added === 0; ) {
    // Timers may have fired before the clock was set: then a run found the file unsettled once more.
    const { came } = await fixture.until(fixture.nextReport());
    t.match(came, { trigger: 'bucket', status: 'succeeded', updated: 0, removed: 0, rejected: 0 });
    added = came.added;
  }
  t.same(fixture.rows()[2], '9,Ada,Lovelace,-48617,', 'whose writer has left it: this is the file');
});

t.test('a requested run waits for a file that is being written, and reads it then', async (t) => {
  const fixture = await makeSlowFixture(t);
  fixture.write('7.csv', CUT);
  const { came: first, ticked } = await fixture.until(fixture.start());
  t.match(first, { trigger: 'start', status: 'succeeded', added: 1, fetched: 1 });
  t.ok(ticked >= SETTLE_MS, `it came after ${ticked} ms`);
  t.same(fixture.rows(), ['7,Ada,Lovelace,-48617,'], 'nobody wrote to it while the run waited');

  fixture.write('8.csv', CUT);
  const run = fixture.run();
  const second = fixture.until(run);
  fixture.write('8.csv', WHOLE, true);
  t.match((await second).came, { trigger: 'request', status: 'succeeded', added: 1, rejected: 0 });
  t.same(fixture.rows()[1], '8,Ada,Lovelace,-4861728000000,');
});

t.test('a file that is still written to after the wait is not read', async (t) => {
  const fixture = await makeSlowFixture(t);
  fixture.put('7.csv', WHOLE);
  await fixture.start();
  const rows = fixture.rows();
  fixture.write('7.csv', CUT);
  fixture.write('8.csv', CUT);
  const [read, waiting] = [fixture.nextRead('7.csv'), fixture.run()];
  await read;
  fixture.time.now += SETTLE_MS - 1;
  fixture.write('7.csv', `${CUT}2`);
  t.match((await fixture.until(waiting)).came, { status: 'succeeded', added: 1, updated: 0, rejected: 0 });
  t.same(fixture.rows(), [...rows, '8,Ada,Lovelace,-48617,'], 'the last good version stays');

  fixture.write('7.csv', `${CUT}28`);
  fixture.time.now += SETTLE_MS;
  t.match((await fixture.until(fixture.nextReport())).came, { trigger: 'bucket', updated: 1 });
  t.equal(fixture.rows()[0], '7,Ada,Lovelace,-4861728,', 'it is read by itself once nobody writes to it');
});

t.test('the next ingestor reads the files that the previous one skipped', async (t) => {
  const fixture = await makeSlowFixture(t);
  await fixture.start();
  fixture.write('7.csv', CUT);
  const report = fixture.nextReport();
  fixture.sendEvent(['7.csv']);
  t.match((await fixture.until(report)).came, { status: 'succeeded', added: 0, rejected: 0 });
  await fixture.stop();
  fixture.time.now += SETTLE_MS;
  t.match(await fixture.start(), { trigger: 'start', added: 1 });
});

t.test('a file is read at once if it is not being written, or if its time is in the future', async (t) => {
  const fixture = await makeSlowFixture(t);
  fixture.write('7.csv', CUT);
  fixture.time.now += SETTLE_MS;
  t.match(await fixture.start(), { added: 1 });
  fixture.time.now -= 3_600_000;
  fixture.put('7.csv', WHOLE);
  t.match(await fixture.run(), { updated: 1 }, 'its time is in the future');
});
