import fs from 'node:fs';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { type Fixture, makeFixture, record } from '../support/_ingestor.ts';

const HELD = { status: 'succeeded', removed: 0, conditions: [{ code: 'removals_held', level: 'red' }] };
const HOUR = 3_600_000;

t.test('removals that leave less than half of over 100 rows are held back', async (t) => {
  const { fixture, removeAll, bringBack } = await worldOf(t, 120);
  removeAll(60);
  t.match(await fixture.run(), { status: 'succeeded', removed: 60, held: 0 }, 'half of them may go');
  bringBack();
  t.match(await fixture.run(), { added: 60 });
  removeAll(61);
  fixture.put('x.csv', record('New', 'x', 1));
  fixture.put('119.csv', record('Changed', 'x', 1));
  t.match(await fixture.run(), { ...HELD, held: 61, added: 1, updated: 1, published: true });
  t.equal(fixture.rows().length, 121, 'all else is published');
  t.match(await fixture.run(), { ...HELD, held: 61, published: false }, 'and so it stays');
  bringBack();
  t.match(await fixture.run(), { status: 'succeeded', removed: 0, held: 0, conditions: [] });
});

t.test('removals are held back however they happened', async (t) => {
  const { fixture, removeAll } = await worldOf(t, 120);
  fs.renameSync(fixture.source(''), fixture.source('../elsewhere'));
  fs.mkdirSync(fixture.source(''));
  t.match(await fixture.run(), { ...HELD, held: 120 }, 'another folder is mounted in its place');
  fs.rmdirSync(fixture.source(''));
  t.match(await fixture.run(), { status: 'failed', error: /no bucket/ }, 'none is');
  fs.renameSync(fixture.source('../elsewhere'), fixture.source(''));
  t.match(await fixture.run(), { status: 'succeeded', published: false, conditions: [] });
  const keys = removeAll(100);
  const report = fixture.nextReport();
  fixture.sendEvent(keys);
  t.match(await report, { ...HELD, held: 100, trigger: 'bucket' }, 'the bucket tells that they were removed');
});

t.test(
  'single removals, also across a restart, stop at half of the highest row count of the window',
  async (t) => {
    const { fixture, keyOf } = await worldOf(t, 104);
    for (let i = 0; i < 60; i++) {
      fixture.remove(keyOf(i));
      if (i === 30) {
        await fixture.stop();
        await fixture.start();
      } else if (i % 2 === 0) await tellAndWait(fixture, [keyOf(i)]);
      else await fixture.run();
    }
    t.equal(fixture.rows().length, 52);
    t.match(await fixture.run(), { ...HELD, held: 8 });
    await fixture.stop();
    fs.rmSync(fixture.stateDir, { recursive: true });
    t.match(await fixture.start(), { ...HELD, held: 8 }, 'without the state as well');
    t.equal(fixture.rows().length, 52);
  },
);

t.test('new rows do not compensate for removed rows', async (t) => {
  const { fixture, removeAll, bringBack } = await worldOf(t, 120);
  removeAll(120);
  for (let i = 0; i < 120; i++) fixture.put(`other-${i}.csv`, record('Other', 'x', i));
  t.match(await fixture.run(), { ...HELD, held: 120, added: 120 });
  t.match(await fixture.run(), { ...HELD, held: 120, published: false }, 'nor in the next run');
  fixture.put('one-more.csv', record('Other', 'x', 1));
  t.match(await fixture.run(), { ...HELD, held: 120, added: 1 });
  await fixture.stop();
  fs.rmSync(fixture.stateDir, { recursive: true });
  t.match(await fixture.start(), { ...HELD, held: 120 }, 'nor without the state');
  bringBack(60);
  t.match(await fixture.run(), { removed: 60, held: 0, conditions: [] }, 'half of the rows may be removed');
  t.equal(fixture.rows().length, 181);
  removeAll(60);
  t.match(await fixture.run(), { removed: 60, held: 0 }, 'from then on all count');
});

t.test('after the window, only the current row count matters', async (t) => {
  const { fixture, keyOf, removeAll } = await worldOf(t, 240);
  removeAll(120);
  t.match(await fixture.run(), { removed: 120 });
  fixture.remove(keyOf(120));
  t.match(await fixture.run(), { ...HELD, held: 1 });
  fixture.time.now += 25 * HOUR;
  t.match(await fixture.run(), { removed: 1, held: 0, conditions: [] });
});

t.test('other files, images and broken files do not count as rows', async (t) => {
  const { fixture } = await worldOf(t, 120);
  for (let i = 0; i < 200; i++) fixture.put(`${i}.png`, 'a face');
  for (let i = 0; i < 70; i++) fixture.put(`${i}.csv`, 'broken');
  t.match(await fixture.run(), { status: 'succeeded', rejected: 70, removed: 0, held: 0 });
  for (let i = 0; i < 200; i++) fixture.remove(`${i}.png`);
  t.match(await fixture.run(), { status: 'succeeded', updated: 120, removed: 0, held: 0 });
});

t.test('a smaller data set may lose all its rows', async (t) => {
  const { fixture, removeAll } = await worldOf(t, 100);
  removeAll(100);
  t.match(await fixture.run(), { status: 'succeeded', removed: 100, conditions: [] });
});

t.test('a forced run may remove all rows, and restarts the window', async (t) => {
  const { fixture, removeAll } = await worldOf(t, 320);
  removeAll(200);
  t.match(await fixture.run(), { ...HELD, held: 200 });
  t.match(await fixture.run({ force: true }), { published: true, removed: 200, held: 0, conditions: [] });
  t.equal(fixture.rows().length, 120);
  removeAll(260);
  t.match(await fixture.run(), { removed: 60, held: 0 }, 'half of 120, though there were 320 a moment ago');
  removeAll(320);
  t.match(await fixture.run({ force: true }), { removed: 60 });
  t.same(fixture.rows(), []);
});

t.test('an empty bucket and a lost state together lose no last good version', async (t) => {
  const { fixture, removeAll, bringBack } = await worldOf(t, 3_000);
  fixture.put('7.csv', 'broken');
  await fixture.run();
  const [before, rejects] = [fixture.output(), await fixture.rejects()];
  await fixture.stop();
  fs.rmSync(fixture.stateDir, { recursive: true });
  removeAll(3_000);
  t.match(await fixture.start(), { ...HELD, held: 3_000 });
  t.equal(fixture.output(), before);
  bringBack();
  fixture.put('7.csv', 'broken');
  t.match(await fixture.run(), { status: 'succeeded', removed: 0, held: 0, conditions: [] });
  t.equal(fixture.output(), before);
  t.match(await fixture.rejects(), [{ key: '7.csv', reason: rejects[0]?.reason, kept_previous: true }]);
});

t.test('without state and manifest, the condition names the previous row count', async (t) => {
  const { fixture, removeAll } = await worldOf(t, 120);
  await fixture.stop();
  fs.rmSync(fixture.stateDir, { recursive: true });
  fs.rmSync(fixture.processed('manifest.json'));
  removeAll(120);
  t.match(await fixture.start(), { held: 120, conditions: [{ detail: /^120 of 120 rows / }] });
});

t.test(
  'overwriting more than half of over 100 rows is an amber condition until the next listing',
  async (t) => {
    const { fixture } = await worldOf(t, 120);
    for (let i = 0; i < 61; i++) fixture.put(`${i}.csv`, record('B', 'x', i));
    t.match(await fixture.run(), { updated: 61, conditions: [{ code: 'many_overwritten', level: 'amber' }] });
    t.match(await fixture.run(), { conditions: [] });
  },
);

t.test('files that disappear between listing and reading are removals', async (t) => {
  let vanish = (): void => undefined;
  const fixture = await makeFixture(t, {}, (store) => ({
    ...store,
    readEach(...args) {
      vanish();
      return store.readEach(...args);
    },
  }));
  fixture.put('a/7.csv', record('A', 'x', 1));
  fixture.put('b/7.csv', record('B', 'x', 2));
  fixture.put('8.csv', record('Eight', 'x', 8));
  await fixture.start();
  fixture.put('a/7.csv', record('A', 'changed', 1));
  fixture.put('8.csv', record('Eight', 'changed', 8));
  vanish = () => {
    vanish = () => undefined;
    fixture.remove('a/7.csv');
    fixture.remove('8.csv');
  };
  t.match(await fixture.run(), { status: 'succeeded', updated: 1, removed: 1, rejected: 0 });
  t.same(fixture.rows(), ['7,B,x,2,'], 'and the next one takes over');
  t.match(await fixture.run(), { published: false }, 'the next listing finds nothing else');
});

t.test('without the state, rows of an unreadable folder stay, and other rows are removed', async (t) => {
  let isUnreadable = false;
  const fixture = await makeFixture(t, {}, (store) => ({
    ...store,
    async *list(bucket, prefix) {
      for await (const page of store.list(bucket, prefix)) {
        if (!isUnreadable || bucket !== 'src-data') yield page;
        else {
          const fault = { code: 'unreadable' as const, detail: 'no access' };
          const folder = { key: 'hidden/', size: 0, etag: '', modified: 0, fault };
          yield [...page.filter(({ key }) => !key.startsWith('hidden/')), folder];
        }
      }
    },
  }));
  fixture.put('hidden/1.csv', record('A', 'x', 1));
  fixture.put('a/2.csv', record('B', 'x', 2));
  fixture.put('a/3.csv', record('C', 'x', 3));
  await fixture.start();
  const before = fixture.output();
  await fixture.stop();
  fs.rmSync(fixture.stateDir, { recursive: true });
  isUnreadable = true;
  t.match(await fixture.start(), { removed: 0, conditions: [{ code: 'folder_unreadable' }] });
  t.equal(fixture.output(), before);
  fixture.remove('a/3.csv');
  t.match(await fixture.run(), { removed: 1 }, 'a row whose file was listed before is removed');
  isUnreadable = false;
  t.match(await fixture.run(), { removed: 0, conditions: [] });
  fixture.remove('hidden/1.csv');
  t.match(await fixture.run(), { removed: 1 });
});

/** An event of a history. Rows are ranges of numbers. */
type Step =
  | { kind: 'remove' | 'put'; from: number; count: number }
  | { kind: 'run' | 'force' | 'restart' | 'loseState' }
  | { kind: 'wait'; hours: number };

const USERS = 240;
const range = {
  from: fc.integer({ min: 0, max: USERS - 1 }),
  count: fc.integer({ min: 1, max: USERS }),
};
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('remove' as const), ...range }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('put' as const), ...range }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('run' as const, 'restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('force' as const, 'loseState' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('wait' as const), hours: fc.integer({ min: 1, max: 20 }) }),
  },
);

t.test('in any history, it decides like a guard that remembers every generation', async (t) => {
  let heldRuns = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const fixture = await makeFixture(t);
      const guard = new NaiveGuard();
      const bucket = new Set<number>();
      const put = (user: number) => {
        if (!bucket.has(user)) fixture.put(`${user}.csv`, record('A', 'x', user));
        bucket.add(user);
      };
      for (let user = 0; user < USERS / 2; user++) put(user);
      await fixture.start();
      guard.run(bucket, fixture.time.now, false);
      for (const step of steps) {
        if (step.kind === 'wait') fixture.time.now += step.hours * HOUR;
        else if (step.kind === 'put' || step.kind === 'remove') {
          for (let user = step.from; user < Math.min(USERS, step.from + step.count); user++) {
            if (step.kind === 'put') put(user);
            else if (bucket.delete(user)) fixture.remove(`${user}.csv`);
          }
        } else {
          const isRestart = step.kind === 'restart' || step.kind === 'loseState';
          if (isRestart) await fixture.stop();
          if (step.kind === 'loseState') fs.rmSync(fixture.stateDir, { recursive: true });
          const force = step.kind === 'force';
          const { held } = isRestart ? await fixture.start() : await fixture.run({ force });
          guard.run(bucket, fixture.time.now, force);
          t.equal(held, guard.held(bucket));
          t.same(new Set(fixture.rows().map((row) => Number(row.split(',')[0]))), guard.rows);
          if (held) heldRuns++;
        }
      }
      await fixture.stop();
    }),
    // The first history holds something back for certain: what the others do is left to chance.
    {
      numRuns: 15,
      examples: [[[{ kind: 'remove', from: 0, count: 100 }, { kind: 'run' }, { kind: 'restart' }]]],
    },
  );
  t.ok(heldRuns > 0, `${heldRuns} runs held something back`);
});

/** A guard that remembers all generations. A run without changes publishes none. */
class NaiveGuard {
  rows = new Set<number>();
  /** The row count of each generation, and the time until which it was the newest. */
  #generations: { rows: number; until: number }[] = [];
  /** The row count when removals began to be held back, until a generation without held removals. */
  #before: number | undefined;

  run(bucket: ReadonlySet<number>, now: number, force: boolean): void {
    const recent = this.#generations.filter(({ until }) => until > now - 24 * HOUR);
    const peak = Math.max(this.rows.size, ...recent.map(({ rows }) => rows));
    const leaving = this.rows.difference(bucket).size;
    const before = Math.min(this.rows.size, this.#before ?? this.rows.size);
    const isTooMany = (peak > 100 && peak - bucket.size > peak / 2) || (before > 100 && leaving > before / 2);
    const isHeld = !force && leaving > 0 && isTooMany;
    const rows = new Set([...(isHeld ? this.rows : []), ...bucket]);
    if (rows.symmetricDifference(this.rows).size === 0) return;
    this.#generations.push({ rows: this.rows.size, until: now });
    this.#before = isHeld ? before : undefined;
    if (force) this.#generations = [];
    this.rows = rows;
  }

  held = (bucket: ReadonlySet<number>): number => this.rows.difference(bucket).size;
}

async function tellAndWait(fixture: Fixture, keys: readonly string[]): Promise<void> {
  const report = fixture.nextReport();
  fixture.sendEvent(keys);
  await report;
}

/** A fixture with this many rows, whose files the test can remove and restore. */
async function worldOf(t: Test, users: number) {
  const fixture: Fixture = await makeFixture(t);
  const keyOf = (i: number) => `${i}.csv`;
  const put = (i: number) => fixture.put(keyOf(i), record('A', 'x', i));
  for (let i = 0; i < users; i++) put(i);
  await fixture.start();
  let gone = 0;
  return {
    fixture,
    keyOf,
    /** @returns their keys */
    removeAll(count: number): string[] {
      gone = count;
      const keys = Array.from({ length: count }, (_, i) => keyOf(i));
      for (const key of keys) fs.rmSync(fixture.source(key), { force: true });
      return keys;
    },
    bringBack(count = gone): void {
      for (let i = 0; i < count; i++) put(i);
    },
  };
}
