import { mock } from 'node:test';
import { QUIET_MS } from '@landfall/concurrency/debounce';
import t, { type Test } from 'tap';
import { SETTLE_MS } from '../../src/fetch/unsettled.ts';
import { noFaults, withFaults } from '../support/_faulty-store.ts';
import { HEADER, makeWorld, record } from '../support/_ingestor.ts';

const CUT = `${HEADER}Ada, Lovelace, -48617`;
const WHOLE = record('Ada', 'Lovelace', -4861728000000);

/** A world with a stopped clock, in which files can be marked as being written. Timers fire in `until`. */
async function makeSlowWorld(t: Test) {
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
  const world = await makeWorld(t, { everyMs: 1e12 }, withFaults(faults));
  return {
    ...world,
    /** Writes a file that was just modified: without a final line end it is incomplete, with one it is complete. */
    write(key: string, content: string, isOver = false): void {
      world.put(key, content);
      if (isOver) faults.modified.delete(key);
      else faults.modified.set(key, world.time.now);
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
  const world = await makeSlowWorld(t);
  world.put('7.csv', WHOLE);
  world.put('8.csv', record('Alan', 'Turing', 6));
  await world.start();
  const rows = world.rows();
  world.write('7.csv', CUT);
  world.write('9.csv', CUT);
  world.put('8.csv', record('Alan', 'T', 6));
  const report = world.nextReport();
  world.sendEvent(['7.csv', '8.csv', '9.csv']);
  const { came: first } = await world.until(report);
  t.match(first, { status: 'succeeded', updated: 1, added: 0, removed: 0, rejected: 0 });
  t.same(world.rows(), [rows[0], '8,Alan,T,6,'], 'the last good version stays');

  world.write('7.csv', WHOLE, true);
  world.time.now += SETTLE_MS;
  for (let added = 0; added === 0; ) {
    // Timers may have fired before the clock was set: then a run found the file unsettled once more.
    const { came } = await world.until(world.nextReport());
    t.match(came, { trigger: 'bucket', status: 'succeeded', updated: 0, removed: 0, rejected: 0 });
    added = came.added;
  }
  t.same(world.rows()[2], '9,Ada,Lovelace,-48617,', 'whose writer has left it: this is the file');
});

t.test('a requested run waits for a file that is being written, and reads it then', async (t) => {
  const world = await makeSlowWorld(t);
  world.write('7.csv', CUT);
  const { came: first, ticked } = await world.until(world.start());
  t.match(first, { trigger: 'start', status: 'succeeded', added: 1, fetched: 1 });
  t.ok(ticked >= SETTLE_MS, `it came after ${ticked} ms`);
  t.same(world.rows(), ['7,Ada,Lovelace,-48617,'], 'nobody wrote to it while the run waited');

  world.write('8.csv', CUT);
  const run = world.run();
  const second = world.until(run);
  world.write('8.csv', WHOLE, true);
  t.match((await second).came, { trigger: 'request', status: 'succeeded', added: 1, rejected: 0 });
  t.same(world.rows()[1], '8,Ada,Lovelace,-4861728000000,');
});

t.test('a file that is still written to after the wait is not read', async (t) => {
  const world = await makeSlowWorld(t);
  world.put('7.csv', WHOLE);
  await world.start();
  const rows = world.rows();
  world.write('7.csv', CUT);
  world.write('8.csv', CUT);
  const [read, waiting] = [world.nextRead('7.csv'), world.run()];
  await read;
  world.time.now += SETTLE_MS - 1;
  world.write('7.csv', `${CUT}2`);
  t.match((await world.until(waiting)).came, { status: 'succeeded', added: 1, updated: 0, rejected: 0 });
  t.same(world.rows(), [...rows, '8,Ada,Lovelace,-48617,'], 'the last good version stays');

  world.write('7.csv', `${CUT}28`);
  world.time.now += SETTLE_MS;
  t.match((await world.until(world.nextReport())).came, { trigger: 'bucket', updated: 1 });
  t.equal(world.rows()[0], '7,Ada,Lovelace,-4861728,', 'it is read by itself once nobody writes to it');
});

t.test('the next ingestor reads the files that the previous one skipped', async (t) => {
  const world = await makeSlowWorld(t);
  await world.start();
  world.write('7.csv', CUT);
  const report = world.nextReport();
  world.sendEvent(['7.csv']);
  t.match((await world.until(report)).came, { status: 'succeeded', added: 0, rejected: 0 });
  await world.stop();
  world.time.now += SETTLE_MS;
  t.match(await world.start(), { trigger: 'start', added: 1 });
});

t.test('a file is read at once if it is not being written, or if its time is in the future', async (t) => {
  const world = await makeSlowWorld(t);
  world.write('7.csv', CUT);
  world.time.now += SETTLE_MS;
  t.match(await world.start(), { added: 1 });
  world.time.now -= 3_600_000;
  world.put('7.csv', WHOLE);
  t.match(await world.run(), { updated: 1 }, 'its time is in the future');
});
