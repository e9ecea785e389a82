import { USERS, type User } from '@landfall/contracts/dataset/users';
import fc from 'fast-check';
import t from 'tap';
import { readFilter } from '../../src/http/request/read-filter.ts';
import { SCAN_LIMITS } from '../../src/search/scan-limits.ts';
import { users } from '../support/_arbitrary.ts';
import {
  afterGeneration,
  changesBetween,
  type MadeGeneration,
  makeGeneration,
  usersNamed,
} from '../support/_generation.ts';
import { naiveStats } from '../support/_naive.ts';
import { BY_USER_ID, usersOf } from '../support/_serialized.ts';
import { NOON } from '../support/_service.ts';
import { statsText } from '../support/_stats.ts';
import { makeTable } from '../support/_table.ts';

type Table = ReturnType<typeof makeTable>;
const FILTER = readFilter(USERS, {}, NOON);

async function served({ dataSet }: Table): Promise<User[]> {
  const at = dataSet.generations.current();
  if (!at) throw new Error('nothing is served');
  const query = { filter: FILTER, order: BY_USER_ID, from: undefined };
  return usersOf(await Array.fromAsync(dataSet.rows(at, query, 'json', Number.POSITIVE_INFINITY)));
}

t.test('deltas and reloads in any order give the same tables as reloads alone', async (t) => {
  const step = fc.record({
    content: users,
    how: fc.constantFrom('delta', 'snapshot', 'missed'),
    // A delta may contain unchanged rows, and remove rows that do not exist.
    extra: fc.constantFrom('', 'x', 'Z'),
    isOther: fc.integer({ max: 9, min: 0 }).map((n) => n === 0),
  });
  const cellLimit = fc.constantFrom(3, 1_000);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), cellLimit, async (steps, maxCells) => {
      const [mixed, reloaded] = [makeTable(SCAN_LIMITS, maxCells), makeTable(SCAN_LIMITS, maxCells)];
      try {
        let before: MadeGeneration | undefined;
        let beforeUsers: User[] = [];
        let wasMissed = false;
        let missedAny = false;
        let generation = 0;
        for (const { content, how, extra, isOther } of steps) {
          // A new lineage starts with a lower or the same number.
          generation = isOther ? Math.max(1, generation - 1) : generation + 1;
          const made = makeGeneration(generation, content);
          const changes = changesBetween(beforeUsers, content);
          const isChanged = changes.some(({ id }) => id === extra);
          if (extra && !isChanged) {
            changes.push({ id: extra, row: content.find(({ user_id: id }) => id === extra) });
          }
          const next = before && !isOther ? afterGeneration(before.manifest, changes, made) : made;
          await reloaded.loadMade(next, 'snapshot');
          if (how !== 'missed') {
            await mixed.loadMade(next, how === 'delta' && next.delta && !wasMissed ? 'delta' : 'snapshot');
            t.same(await served(mixed), content);
            const at = mixed.dataSet.generations.byNumber(generation);
            const wanted = { at, filter: FILTER, histogram: 'true', now: NOON };
            const stats = await statsText(USERS, mixed.dataSet, wanted);
            t.equal(stats, JSON.stringify(naiveStats(content, NOON)));
          }
          wasMissed = how === 'missed';
          missedAny ||= wasMissed;
          [before, beforeUsers] = [next, content];
        }
        if (!missedAny) t.same(mixed.allTables(), reloaded.allTables());
      } finally {
        await mixed.close();
        await reloaded.close();
      }
    }),
    { numRuns: 30 },
  );
});

t.test('a delta that differs from the manifest, or is for another generation, changes nothing', async (t) => {
  const table = makeTable(SCAN_LIMITS);
  t.teardown(table.close);
  const [one, two] = [usersNamed('one', 6), [...usersNamed('two', 3), ...usersNamed('one', 8).slice(4)]];
  const first = makeGeneration(3, one);
  await table.loadMade(first, 'snapshot');
  const before = table.allTables();
  const good = afterGeneration(first.manifest, changesBetween(one, two), makeGeneration(4, two));
  const { manifest, delta = '' } = good;
  if (!manifest.delta) throw new Error('there is no delta');
  const withDelta = (changes: Partial<typeof manifest.delta>): MadeGeneration => ({
    ...good,
    manifest: { ...manifest, ...(manifest.delta && { delta: { ...manifest.delta, ...changes } }) },
  });
  const changes = changesBetween(one, two);
  for (const [what, made, message] of [
    ['another content', { ...good, delta: delta.replace('two', 'xxx') }, /checksum/],
    [
      'truncated after a line',
      { ...good, delta: delta.slice(0, delta.lastIndexOf('\n', delta.length - 2) + 1) },
      /checksum/,
    ],
    ['truncated within a line', { ...good, delta: delta.slice(0, -3) }, /checksum|record/],
    ['another format', { ...good, delta: makeGeneration(4, two).users }, /unknown columns/],
    ['another checksum', withDelta({ sha256: '0'.repeat(64) }), /checksum/],
    ['another number of rows', withDelta({ rows: 99 }), /number of rows/],
    ['another base', withDelta({ base: { generation: 2, version: first.manifest.version } }), /no delta for/],
    [
      'a base of another lineage',
      withDelta({ base: { generation: 3, version: '0'.repeat(64) } }),
      /no delta for/,
    ],
    ['no delta in the manifest', { ...good, manifest: makeGeneration(4, two).manifest }, /no delta for/],
    [
      'changes that lead to another number of rows',
      afterGeneration(first.manifest, changes.slice(0, -1), makeGeneration(4, two)),
      /number of rows after it/,
    ],
    [
      'the same row twice',
      afterGeneration(first.manifest, [...changes.slice(0, 1), ...changes], makeGeneration(4, two)),
      /UNIQUE/,
    ],
    ['an empty rejects file', { ...good, rejects: '' }, /no header/],
    [
      'a generation that is loaded already',
      afterGeneration(first.manifest, changes, makeGeneration(3, two)),
      /no delta for/,
    ],
  ] as [string, MadeGeneration, RegExp][]) {
    await t.rejects(table.loadMade(made, 'delta'), { message }, what);
    t.same(table.allTables(), before, what);
  }
  await table.loadMade(good, 'delta');
  t.same(await served(table), two);
});

t.test(
  'a generation whose delta is for another generation of the same number belongs to another lineage',
  async (t) => {
    const table = makeTable(SCAN_LIMITS);
    t.teardown(table.close);
    await table.loadMade(makeGeneration(3, usersNamed('ours', 3)), 'snapshot');
    const theirs = makeGeneration(3, usersNamed('theirs', 3));
    const users = usersNamed('new', 4);
    await table.loadMade(afterGeneration(theirs.manifest, [], makeGeneration(4, users)), 'snapshot');
    t.same(await served(table), users);
    t.equal(table.dataSet.generations.all().length, 1, 'the generations of the earlier lineage are dropped');
  },
);
