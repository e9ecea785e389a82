import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS, type User } from '@landfall/contracts/dataset/users';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { DataSet } from '../../src/dataset/data-set.ts';
import { readFilter } from '../../src/http/request/read-filter.ts';
import { parseSortOrder } from '../../src/search/sort-order.ts';
import { NOWS, queryParameters, users } from '../support/_arbitrary.ts';
import { naiveStats, naiveUsers, type QueryParameters } from '../support/_naive.ts';
import { textOf, usersOf } from '../support/_serialized.ts';
import { statsText } from '../support/_stats.ts';
import { makeTable, SCAN_LIMIT_CASES } from '../support/_table.ts';

/** A client that reads a result page by page while generations are loaded and pruned. */
interface Pager {
  generation: number;
  parameters: QueryParameters;
  now: number;
  limit: number;
  found: User[];
  from: string | undefined;
  isComplete: boolean;
}

t.test(
  'the pages of any query equal those of a naive implementation, while generations are loaded and pruned',
  async (t) => {
    const pager = fc.record({
      parameters: queryParameters,
      now: fc.constantFrom(...NOWS),
      limit: fc.integer({ min: 1, max: 7 }),
    });
    const step = fc.record({
      users,
      pagers: fc.array(pager, { maxLength: 6 }),
      keep: fc.integer({ min: 1, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(...SCAN_LIMIT_CASES),
        async (steps, scanLimits) => {
          const fixture = makeTable(scanLimits);
          try {
            const contents = new Map<number, User[]>();
            const pagers: Pager[] = [];
            for (const [i, step] of steps.entries()) {
              const generation = i + 1;
              await fixture.load(generation, step.users);
              contents.set(generation, step.users);
              const horizon = Math.max(1, generation - step.keep + 1);
              fixture.prune(horizon);
              for (const kept of [...contents.keys()]) if (kept < horizon) contents.delete(kept);
              for (const [n, each] of step.pagers.entries()) {
                const start = [...contents.keys()][n % contents.size] ?? generation;
                pagers.push({ ...each, generation: start, found: [], from: undefined, isComplete: false });
              }
              for (const each of pagers)
                if (contents.has(each.generation)) await readNextPage(fixture.dataSet, each);
            }
            for (const each of pagers) {
              const content = contents.get(each.generation);
              if (content) await expectResults(t, fixture.dataSet, each, content);
            }
          } finally {
            await fixture.close();
          }
        },
      ),
      { numRuns: 35 },
    );
  },
);

/** Checks every form of a query's result against the naive implementation. */
async function expectResults(t: Test, dataSet: DataSet, pager: Pager, content: User[]): Promise<void> {
  const { parameters, now, generation } = pager;
  while (!pager.isComplete) await readNextPage(dataSet, pager);
  const expected = naiveUsers(content, parameters, now);
  t.same(pager.found, expected, JSON.stringify(parameters));
  const at = dataSet.generations.byNumber(generation);
  const filter = readFilter(USERS, { ...parameters }, now);
  const query = { filter, order: parseSortOrder(USERS, parameters.sort), from: undefined };
  t.same(
    usersOf(await Array.fromAsync(dataSet.rows(at, query, 'json', Infinity))),
    expected,
    'as one stream',
  );
  const lines = textOf(await Array.fromAsync(dataSet.rows(at, query, 'csv', Infinity)));
  t.equal(lines, expected.map(rowCodec(USERS).formatRow).join('').slice(0, -1), 'as CSV');
  t.equal(await dataSet.count(at, filter), expected.length, 'the count');
  const stats = await statsText(USERS, dataSet, { at, filter, histogram: 'true', now });
  t.equal(stats, JSON.stringify(naiveStats(expected, now)), 'the statistics');
}

async function readNextPage(dataSet: DataSet, pager: Pager): Promise<void> {
  if (pager.isComplete) return;
  const { parameters, now, limit, from } = pager;
  const at = dataSet.generations.byNumber(pager.generation);
  const query = {
    filter: readFilter(USERS, { ...parameters }, now),
    order: parseSortOrder(USERS, parameters.sort),
    from,
  };
  const chunks = await Array.fromAsync(dataSet.rows(at, query, 'json', limit));
  const found = usersOf(chunks);
  pager.found.push(...found);
  pager.from = chunks.at(-1)?.next;
  pager.isComplete = pager.from === undefined;
  if (found.length < limit && !pager.isComplete) throw new Error(`only ${found.length} of ${limit}`);
}
