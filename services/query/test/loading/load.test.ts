import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { USERS, type User } from '@landfall/contracts/dataset/users';
import { openForReading } from '@landfall/state-file/state-file';
import t, { type Test } from 'tap';
import { type DataSet, openDataSet } from '../../src/dataset/data-set.ts';
import { readFilter } from '../../src/http/request/read-filter.ts';
import { openLoader } from '../../src/load/loader.ts';
import { SCAN_LIMITS, type ScanLimits } from '../../src/search/scan-limits.ts';
import { rollupFilterOf } from '../../src/statistics/rollup/rollup-filter.ts';
import { countMatching } from '../../src/statistics/rollup/selection.ts';
import {
  afterGeneration,
  asFiles,
  changesBetween,
  type MadeGeneration,
  makeGeneration,
  type UserReject,
  usersNamed,
} from '../support/_generation.ts';
import { naiveStats } from '../support/_naive.ts';
import { BY_USER_ID, textOf, usersOf } from '../support/_serialized.ts';
import { NOON } from '../support/_service.ts';
import { statsText } from '../support/_stats.ts';
import { makeTable } from '../support/_table.ts';

const REJECT: UserReject = {
  key: 'x.csv',
  user_id: 'x',
  reason: 'empty',
  detail: 'nothing in 0 bytes',
  since: '2026-06-01T00:00:00.000Z',
  kept_previous: false,
};

const ALL = { filter: readFilter(USERS, {}, 0), order: BY_USER_ID, from: undefined };

function setUp(t: Test, scanLimits?: ScanLimits) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-load-'));
  const file = path.join(folder, 'data-set.sqlite');
  const dataSet = openDataSet({ file, definition: USERS, onDiscard: () => undefined, scanLimits });
  const { generations } = dataSet;
  const { fileIdentity } = dataSet;
  const loader = openLoader({ databaseFile: file, fileIdentity, definition: USERS });
  t.teardown(async () => {
    await loader.close();
    await dataSet.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return {
    file,
    dataSet,
    loader,
    async load(made: MadeGeneration): Promise<void> {
      await loader.load(asFiles(folder, made));
      generations.refresh();
    },
    served: (generation?: number): Promise<User[]> =>
      generations.readAt(generation === undefined ? 'newest' : generations.byNumber(generation), (at) =>
        usersAt(dataSet, at),
      ),
    count: (): Promise<number> => generations.readAt('newest', (at) => dataSet.count(at, ALL.filter)),
    rejects: () =>
      generations.readAt('newest', async (at) => {
        const chunks = await Array.fromAsync(dataSet.rejects(at, 'json', Number.POSITIVE_INFINITY));
        return JSON.parse(`[${textOf(chunks)}]`);
      }),
  };
}

const usersAt = async (dataSet: DataSet, at: Manifest): Promise<User[]> =>
  usersOf(await Array.fromAsync(dataSet.rows(at, ALL, 'json', Number.POSITIVE_INFINITY)));

/** The number of rows that each generation has written, read by another connection. */
function writtenBy(file: string): Record<string, number> {
  const db = openForReading(file);
  const rows = db
    .prepare<[], { generation: number; written: number }>(
      'SELECT __valid_from AS generation, count(*) AS written FROM __rows GROUP BY 1',
    )
    .all();
  db.close();
  return Object.fromEntries(rows.map(({ generation, written }) => [generation, written]));
}

t.test('a generation replaces any generation before it', async (t) => {
  const { dataSet, load, served, count, rejects } = setUp(t);
  const [one = [], two = []] = [usersNamed('one', 50), usersNamed('two', 50)];
  const steps: [string, User[]][] = [
    ['into an empty database', one],
    ['all changed', two],
    ['some added', usersNamed('two', 60)],
    ['some removed', two.filter((_, i) => i % 3)],
    ['some of each', [...two.slice(10, 30), ...usersNamed('new', 70).slice(60)]],
    ['nobody', []],
    ['everybody again', one],
  ];
  for (const [i, [name, users]] of steps.entries()) {
    const made = makeGeneration(i + 1, users, i % 2 ? [REJECT] : []);
    await load(made);
    t.same(await served(), users, name);
    t.same(dataSet.generations.current(), made.manifest, name);
    t.same(await rejects(), i % 2 ? [REJECT] : [], name);
    t.equal(await count(), users.length, name);
  }
  for (const [i, [name, users]] of steps.entries()) t.same(await served(i + 1), users, `${name}, afterwards`);
});

t.test('the loader returns the rollup of the generation', async (t) => {
  const { dataSet, loader, load } = setUp(t);
  const folder = t.testdir();
  await load(makeGeneration(1, usersNamed('one', 30)));
  const loaded = await loader.load(asFiles(folder, makeGeneration(2, usersNamed('two', 20))));
  dataSet.generations.refresh();
  t.equal(await dataSet.count(dataSet.generations.byNumber(2), ALL.filter), 20);
  t.equal(loaded && countMatching(loaded, rollupFilterOf(USERS, ALL.filter)), 20, 'as the one that is read');
  // A wrong rollup in the cache shows that it is not read again.
  await loader.load(asFiles(folder, makeGeneration(3, usersNamed('three', 10))));
  dataSet.generations.refresh();
  dataSet.cacheRollup(dataSet.generations.byNumber(3), loaded);
  t.equal(await dataSet.count(dataSet.generations.byNumber(3), ALL.filter), 20);
});

t.test('a generation with too many cells has no rollup; it comes back when it may fit', async (t) => {
  // It is tried again after 2 changed rows.
  const table = makeTable(SCAN_LIMITS, 12);
  t.teardown(table.close);
  const filter = readFilter(USERS, { is_image_exists: true }, 0);
  for (const [generation, count, hasRollup] of [
    [1, 12, true],
    [2, 30, false],
    [3, 29, false],
    [4, 5, true],
    [5, 13, false],
    [6, 0, false],
    [7, 5, true],
  ] as const) {
    const users = usersOfDays(count);
    const at = await table.load(generation, users);
    const cells = table.cellsAt(generation);
    t.equal(cells, hasRollup ? count : 0, `cells of generation ${generation}`);
    const withImage = users.filter(({ img_path: image }) => image !== null).length;
    t.equal(await table.dataSet.count(at, filter), withImage, `count of generation ${generation}`);
    const stats = await statsText(USERS, table.dataSet, {
      at,
      filter: ALL.filter,
      histogram: 'true',
      now: NOON,
    });
    t.equal(stats, JSON.stringify(naiveStats(users, NOON)), `statistics of generation ${generation}`);
  }
});

t.test('a rollup comes back by snapshots and by deltas, after some changed rows', async (t) => {
  /** Users without images; each is born on the day that is given for its place. */
  const usersOn = (dayOf: (i: number) => number, count = 100): User[] =>
    usersNamed('x', count).map((user, i) => ({ ...user, img_path: null, birthts: dayOf(i) * 86_400_000 }));
  const steps: [what: string, users: User[], cells: number][] = [
    ['too many', usersOn((i) => i % 50), 0],
    ['3 rows changed, not counted', usersOn((i) => (i < 3 ? 0 : i % 50)), 0],
    ['4 rows changed, still too many', usersOn((i) => (i < 4 ? 0 : i % 50)), 0],
    ['3 rows changed since then', usersOn((i) => (i < 7 ? 0 : i % 50)), 0],
    ['60 rows changed, few enough', usersOn((i) => i % 40), 40],
    ['1 row changed', usersOn((i) => (i === 0 ? 1 : i % 40)), 40],
    ['too many again', usersOn((i) => i % 50), 0],
    ['41 rows', usersOn((i) => i % 50, 41), 0],
    ['no more rows than cells', usersOn((i) => i % 50, 40), 40],
  ];
  for (const as of ['snapshot', 'delta'] as const) {
    // It is tried again after 4 changed rows.
    const table = makeTable(SCAN_LIMITS, 40);
    t.teardown(table.close);
    let [before, newest]: [User[], MadeGeneration | undefined] = [[], undefined];
    for (const [i, [what, users, cells]] of steps.entries()) {
      const made = makeGeneration(i + 1, users);
      const changes = changesBetween(before, users);
      await table.loadMade(
        newest ? afterGeneration(newest.manifest, changes, made) : made,
        newest ? as : 'snapshot',
      );
      t.equal(table.cellsAt(i + 1), cells, `${what}: ${as}`);
      const at = table.dataSet.generations.byNumber(i + 1);
      const stats = await statsText(USERS, table.dataSet, {
        at,
        filter: ALL.filter,
        histogram: 'true',
        now: NOON,
      });
      t.equal(stats, JSON.stringify(naiveStats(users, NOON)), `statistics: ${what}: ${as}`);
      [before, newest] = [users, made];
    }
  }
});

/** Users who are born on different days. */
const usersOfDays = (count: number): User[] =>
  usersNamed('x', count).map((user, i) => ({ ...user, birthts: i * 86_400_000 }));

t.test('the write-ahead log is written into the file after each generation', async (t) => {
  const { file, loader, load } = setUp(t);
  for (let generation = 1; generation <= 12; generation++) {
    await load(makeGeneration(generation, usersNamed(`${generation}`, 1_000)));
    // The next task runs after the checkpoint.
    await loader.pruneBefore(1);
  }
  const { size } = fs.statSync(`${file}-wal`);
  t.ok(size < 3_000_000, `${size} bytes: all of them write 9 MB, the last one 1`);
});

t.test('only rows that differ are written', async (t) => {
  const { file, load } = setUp(t);
  const users = usersNamed('one', 100);
  await load(makeGeneration(1, users));
  t.same(writtenBy(file), { 1: 100 });
  await load(makeGeneration(2, users, [REJECT]));
  t.same(writtenBy(file), { 1: 100 }, 'new rejects write no rows');
  await load(
    makeGeneration(3, [...users.slice(0, 50), ...usersNamed('two', 55).slice(50), ...users.slice(60)]),
  );
  t.same(writtenBy(file), { 1: 100, 3: 5 });
});

t.test('versions that only pruned generations have are deleted, in steps', async (t) => {
  const { file, dataSet, loader, load, served } = setUp(t);
  const count = 2_500; // More than one step deletes.
  for (const [i, name] of ['one', 'two', 'two', 'three'].entries()) {
    await load(makeGeneration(i + 1, usersNamed(name, count)));
  }
  t.same(writtenBy(file), { 1: count, 2: count, 4: count });
  await loader.pruneBefore(3);
  t.same(writtenBy(file), { 2: count, 4: count }, 'what generation 3 shares with 2 stays');
  dataSet.generations.refresh();
  t.same(await served(3), usersNamed('two', count));
  t.same(await served(4), usersNamed('three', count));
  await t.rejects(async () => await served(2), { code: 'generation_gone', more: { newest: 4 } });
  await t.rejects(async () => await served(5), { code: 'generation_not_found' });
  await loader.pruneBefore(4);
  t.same(writtenBy(file), { 4: count });
  await load(makeGeneration(5, []));
  t.same(await served(), []);
  t.same(await served(4), usersNamed('three', count));
});

t.test('another lineage deletes all earlier generations', async (t) => {
  const { file, dataSet, load, served } = setUp(t, {
    indexLookupMaxRows: 0,
    rowsPerRead: 1,
    window: { min: 1, max: 1 },
  });
  await load(makeGeneration(41, usersNamed('old', 10)));
  await load(makeGeneration(42, usersNamed('older', 100)));
  const before = dataSet.generations.byNumber(42);
  const reading = dataSet.rows(before, ALL, 'json', Number.POSITIVE_INFINITY);
  await reading.next();
  await load(makeGeneration(42, usersNamed('new', 10)));
  t.same(dataSet.generations.all().length, 1);
  t.same(await served(), usersNamed('new', 10));
  t.same(writtenBy(file), { 42: 10 });
  await t.rejects(async () => await served(41), { code: 'generation_gone' });
  await t.rejects(Array.fromAsync(reading), { code: 'generation_gone' }, 'a read of the old lineage fails');
  await load(makeGeneration(7, usersNamed('newer', 3)));
  t.same(await served(), usersNamed('newer', 3));
});

t.test('a read that runs when another lineage is loaded returns the new one', async (t) => {
  const { dataSet, loader, load } = setUp(t);
  await load(makeGeneration(1, usersNamed('old', 3)));
  const folder = t.testdir();
  // It is in the database, and `refresh` was not called yet.
  await loader.load(asFiles(folder, makeGeneration(1, usersNamed('new', 3))));
  const users = await dataSet.generations.readAt('newest', (at) => usersAt(dataSet, at));
  t.same(users, usersNamed('new', 3));
});

t.test('a generation that differs from its manifest is not served', async (t) => {
  const { dataSet, load, served, count, rejects } = setUp(t);
  const good = makeGeneration(1, usersNamed('good', 30));
  await load(good);
  const next = makeGeneration(2, usersNamed('next', 40), [REJECT]);
  const cases: [string, MadeGeneration, RegExp][] = [
    ['another content', { ...next, users: next.users.replace('next', 'text') }, /checksum/],
    ['a text that was cut off', { ...next, users: next.users.slice(0, -20) }, /checksum|record/],
    ['another number of users', { ...next, manifest: { ...next.manifest, rows: 41 } }, /number of rows/],
    [
      'rejects that were cut off',
      { ...next, rejects: 'key,user_id,reason,detail,since,kept_previous\n' },
      /number of rows/,
    ],
    ['users out of order', inOrder(next, (lines) => lines.toReversed()), /not in order/],
    ['a user who comes twice', inOrder(next, (lines) => [...lines, ...lines.slice(-1)]), /not in order/],
    ['another format', { ...next, users: 'hello\n' }, /unknown columns/],
  ];
  for (const [name, made, message] of cases) {
    await t.rejects(load(made), { message }, name);
    t.same(await served(), usersNamed('good', 30), name);
    dataSet.generations.refresh();
    t.equal(dataSet.generations.current()?.generation, 1, name);
    t.same(await rejects(), [], name);
    t.equal(await count(), 30, name);
  }
  await load(next);
  t.same(await served(), usersNamed('next', 40), 'the next valid generation is loaded');
});

/** The same generation with its lines in another order, and the manifest for them. */
function inOrder(made: MadeGeneration, order: (lines: string[]) => string[]): MadeGeneration {
  const [header = '', ...lines] = made.users.trimEnd().split('\n');
  const users = [header, ...order(lines), ''].join('\n');
  const version = createHash('sha256').update(users).digest('hex');
  return { ...made, users, manifest: { ...made.manifest, version } };
}

t.test('no data set is served before the first generation', async (t) => {
  const { dataSet, served } = setUp(t);
  t.equal(dataSet.generations.current(), undefined);
  await t.rejects(served(), { code: 'no_data_set' });
  t.throws(() => dataSet.generations.byNumber(1), { code: 'no_data_set' });
  t.same(dataSet.generations.all(), []);
});

t.test('a read sees one generation, never a mix, and does not wait for the loader', async (t) => {
  const { dataSet, load, served } = setUp(t);
  const count = 5_000; // More than one read returns.
  await load(makeGeneration(1, usersNamed('1', count)));
  let loading = true;
  let reads = 0;
  const seen = new Set<string>();
  const reader = (async () => {
    while (loading) {
      const at = dataSet.generations.all()[reads % 2 ? 0 : dataSet.generations.all().length - 1];
      if (!at) throw new Error('none is there');
      const users = await usersAt(dataSet, at);
      const names = new Set(users.map(({ last_name: name }) => name));
      if (names.size !== 1 || !names.has(String(at.generation)) || users.length !== count) {
        throw new Error(`generation ${at.generation}: ${users.length} users of ${[...names]}`);
      }
      for (const name of names) seen.add(name);
      reads++;
    }
  })();
  for (let generation = 2; generation <= 8; generation++) {
    await load(makeGeneration(generation, usersNamed(String(generation), count)));
  }
  loading = false;
  await reader;
  t.ok(reads >= seen.size && seen.size > 1, `${reads} reads of ${seen.size} generations`);
  t.equal((await served())[0]?.last_name, '8');
});
