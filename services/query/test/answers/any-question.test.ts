import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS, type User } from '@landfall/contracts/dataset/users';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { DataSet } from '../../src/dataset/data-set.ts';
import { readFilter } from '../../src/http/request/filter-parameters.ts';
import { parseSortOrder } from '../../src/search/sort-order.ts';
import { countMatching } from '../../src/statistics/day-counts.ts';
import { dayFilterOf } from '../../src/statistics/day-filter.ts';
import { statsOf } from '../../src/statistics/summary.ts';
import { ask, NOWS, users } from '../support/_arbitrary.ts';
import { type Ask, naiveStats, naiveUsers } from '../support/_naive.ts';
import { textOf, usersOf } from '../support/_serialized.ts';
import { makeTable, SCAN_LIMIT_CASES } from '../support/_table.ts';

/** Somebody who pages through an answer while generations come and go. */
interface Pager {
  generation: number;
  asked: Ask;
  now: number;
  limit: number;
  found: User[];
  from: string | undefined;
  isThrough: boolean;
}

t.test(
  'any question, paged through while generations come and go, is answered as a naive one is',
  async (t) => {
    const pager = fc.record({
      asked: ask,
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
          const world = makeTable(scanLimits);
          try {
            const contents = new Map<number, User[]>();
            const pagers: Pager[] = [];
            for (const [i, step] of steps.entries()) {
              const generation = i + 1;
              await world.load(generation, step.users);
              contents.set(generation, step.users);
              const horizon = Math.max(1, generation - step.keep + 1);
              world.prune(horizon);
              for (const kept of [...contents.keys()]) if (kept < horizon) contents.delete(kept);
              for (const [n, each] of step.pagers.entries()) {
                const start = [...contents.keys()][n % contents.size] ?? generation;
                pagers.push({ ...each, generation: start, found: [], from: undefined, isThrough: false });
              }
              for (const each of pagers)
                if (contents.has(each.generation)) await turnPage(world.dataSet, each);
            }
            for (const each of pagers) {
              const content = contents.get(each.generation);
              if (content) await expectAnswers(t, world.dataSet, each, content);
            }
          } finally {
            await world.close();
          }
        },
      ),
      { numRuns: 150 },
    );
  },
);

/** All that can be had of a question's answer, against the naive one. */
async function expectAnswers(t: Test, dataSet: DataSet, pager: Pager, content: User[]): Promise<void> {
  const { asked, now, generation } = pager;
  while (!pager.isThrough) await turnPage(dataSet, pager);
  const expected = naiveUsers(content, asked, now);
  t.same(pager.found, expected, JSON.stringify(asked));
  const at = dataSet.generations.byNumber(generation);
  const filter = readFilter(USERS, { ...asked }, now);
  const question = { filter, order: parseSortOrder(USERS, asked.sort), from: undefined };
  t.same(
    usersOf(await Array.fromAsync(dataSet.rows(at, question, 'json', Infinity))),
    expected,
    'and at once',
  );
  const lines = textOf(await Array.fromAsync(dataSet.rows(at, question, 'csv', Infinity)));
  t.equal(lines, expected.map(rowCodec(USERS).formatRow).join('').slice(0, -1), 'and as CSV');
  const born = await dataSet.dayCounts(at, filter);
  t.equal(countMatching(born, dayFilterOf(USERS, filter)), expected.length, 'and counted');
  t.same(statsOf(USERS, born, filter, true, now), naiveStats(expected, now), 'and in figures');
}

async function turnPage(dataSet: DataSet, pager: Pager): Promise<void> {
  if (pager.isThrough) return;
  const { asked, now, limit, from } = pager;
  const at = dataSet.generations.byNumber(pager.generation);
  const question = {
    filter: readFilter(USERS, { ...asked }, now),
    order: parseSortOrder(USERS, asked.sort),
    from,
  };
  const pieces = await Array.fromAsync(dataSet.rows(at, question, 'json', limit));
  const found = usersOf(pieces);
  pager.found.push(...found);
  pager.from = pieces.at(-1)?.next;
  pager.isThrough = pager.from === undefined;
  if (found.length < limit && !pager.isThrough) throw new Error(`only ${found.length} of ${limit}`);
}
