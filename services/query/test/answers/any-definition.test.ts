import { columnNames, type Definition, type Field, keyColumn } from '@landfall/contracts/dataset/definition';
import type { Row, Value } from '@landfall/contracts/dataset/row';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import fc from 'fast-check';
import t from 'tap';
import { readFilter } from '../../src/http/request/read-filter.ts';
import { SCAN_LIMITS } from '../../src/search/scan-limits.ts';
import { parseSortOrder } from '../../src/search/sort-order.ts';
import { definitionAndRows, jsonOf, rowJson } from '../support/_any-rows.ts';
import { openTable } from '../support/_any-table.ts';
import { histogramParameters, naiveStatistics } from '../support/_naive-statistics.ts';
import { textOf } from '../support/_serialized.ts';
import { statsText } from '../support/_stats.ts';
import { SCAN_LIMIT_CASES } from '../support/_table.ts';

const NOW = Date.UTC(2026, 1, 28, 12);

const sample = definitionAndRows.chain((made) => {
  const { definition } = made;
  return fc.record({
    definition: fc.constant(definition),
    rows: fc.constant(made.rows),
    // Companions once more, since there are few of them.
    sort: fc.constantFrom(...columnNames(definition), ...definition.companions.map(({ column }) => column)),
    descending: fc.boolean(),
    filtered: fc.nat({ max: definition.fields.length - 1 }),
    pick: fc.nat({ max: 11 }),
    how: fc.nat({ max: 5 }),
    limit: fc.integer({ min: 1, max: 5 }),
    scanLimits: fc.constantFrom(...SCAN_LIMIT_CASES),
    maxRollupCells: fc.constantFrom(0, 3, 1_000),
    histogram: fc.constantFrom('', ...histogramParameters(definition)),
    withCompanion: fc.constantFrom(undefined, true, false),
  });
});

const compare = (a: Value, b: Value): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : compareBytes(String(a), String(b));

/** Missing values come last in both directions, ties by ascending id. */
function naiveOrder(definition: Definition, rows: Row[], sort: string, descending: boolean): Row[] {
  const key = keyColumn(definition);
  const of = (row: Row): Value => row[sort] ?? null;
  return rows.toSorted((a, b) => {
    const [x, y] = [of(a), of(b)];
    const byId = compareBytes(String(a[key]), String(b[key]));
    if (x === null || y === null) return x === y ? byId : x === null ? 1 : -1;
    return (descending ? compare(y, x) : compare(x, y)) || byId;
  });
}

/** A query parameter about a field, and the test of a value. */
function restriction(
  each: Field,
  value: Value,
  how: number,
): [Record<string, unknown>, (value: Value) => boolean] {
  const { name } = each;
  if (how > 3) return [{}, () => true];
  if (each.optional && (how === 3 || value === null)) {
    const exists = how % 2 === 0;
    return [{ [`is_${name}_exists`]: exists }, (found) => (found !== null) === exists];
  }
  const isNumber = each.type === 'integer' || each.type === 'decimal';
  const given = each.type === 'decimal' ? jsonOf(each, value) : value;
  if (isNumber && how === 1)
    return [{ [`min_${name}`]: given }, (found) => found !== null && compare(found, value) >= 0];
  if (isNumber && how === 2)
    return [{ [`max_${name}`]: given }, (found) => found !== null && compare(found, value) <= 0];
  if (isNumber || each.type === 'string') return [{ [name]: given }, (found) => found === value];
  if (each.type === 'boolean') return [{ [name]: value === 1 }, (found) => found === value];
  if (each.type === 'enum') return [{ [name]: [value, 'y'] }, (found) => found === value || found === 'y'];
  return [
    { [`${name}_after`]: '1999-12-31' },
    (found) => found !== null && isAfter(each, found, '1999-12-31'),
  ];
}

function isAfter(each: Field, value: Value, day: string): boolean {
  if (typeof value === 'string') return value.slice(0, 10) > day;
  const ms = each.type === 'timestamp' && each.unit === 's' ? Number(value) * 1_000 : Number(value);
  return ms >= Date.parse(day) + 86_400_000;
}

t.test(
  'rows of any definition are filtered, sorted, paged and written as by a naive implementation',
  async (t) => {
    await fc.assert(
      fc.asyncProperty(
        sample,
        async ({ definition, rows, sort, descending, filtered, pick, how, limit, ...more }) => {
          const { scanLimits, maxRollupCells, histogram, withCompanion } = more;
          const table = await openTable(definition, rows, { scanLimits, maxRollupCells });
          try {
            const chosen = definition.fields[filtered];
            if (!chosen) throw new Error('no field');
            const value = rows[pick]?.[chosen.name] ?? DEFAULTS[chosen.type];
            const [query, matches] = restriction(chosen, value, how);
            const [companion] = definition.companions;
            if (companion) query[`is_${companion.name}_exists`] = withCompanion;
            const filter = readFilter(definition, query, NOW);
            const matching = rows.filter(
              (row) =>
                matches(row[chosen.name] ?? null) &&
                (!companion ||
                  withCompanion === undefined ||
                  (row[companion.column] !== null) === withCompanion),
            );
            const expected = naiveOrder(definition, matching, sort, descending);
            const order = parseSortOrder(definition, descending ? `-${sort}` : sort);
            const what = JSON.stringify({ query, sort, descending });
            const read = async (format: 'json' | 'csv', from: string | undefined, most: number) =>
              await Array.fromAsync(table.dataSet.rows(table.at, { filter, order, from }, format, most));
            const json = expected.map((row) => rowJson(definition, row));
            t.equal(textOf(await read('json', undefined, Infinity)), json.join(), what);
            const csv = expected
              .map((row) => rowCodec(definition).formatRow(row))
              .join('')
              .slice(0, -1);
            t.equal(textOf(await read('csv', undefined, Infinity)), csv, `${what} as CSV`);
            const paged: string[] = [];
            for (let from: string | undefined, isLast = false; !isLast; ) {
              const chunks = await read('json', from, limit);
              const text = textOf(chunks);
              if (text !== '') paged.push(text);
              from = chunks.at(-1)?.next;
              isLast = from === undefined;
            }
            t.equal(paged.join(), json.join(), `${what} in pages of ${limit}`);
            const { at, dataSet } = table;
            t.equal(await dataSet.count(at, filter), expected.length, `${what}: the count`);
            for (const wanted of [filter, readFilter(definition, {}, NOW)]) {
              const stats = await statsText(definition, dataSet, { at, filter: wanted, histogram, now: NOW });
              const naive = naiveStatistics(definition, wanted === filter ? expected : rows, histogram, NOW);
              t.equal(stats, naive, `${what}: statistics, histogram=${histogram}`);
            }
          } finally {
            await table.close();
          }
        },
      ),
      { numRuns: 35 },
    );
  },
);

const DEFAULTS: Record<Field['type'], Value> = {
  string: 'a',
  enum: 'x',
  boolean: 1,
  integer: 7,
  decimal: 5,
  date: '2000-02-29',
  timestamp: 0,
};

t.test('a number with many values is counted in bins, also when the rows are walked', async (t) => {
  const definition: Definition = {
    name: 'things',
    one: 'thing',
    records: '**/{id}.csv',
    fields: [
      { name: 'price', type: 'decimal', scale: 2, optional: true },
      { name: 'kind', type: 'boolean' },
    ],
    companions: [],
    derived: [],
    statistics: ['price'],
  };
  const rows = Array.from({ length: 450 }, (_, i): Row => {
    const id = String(i).padStart(3, '0');
    return { id, price: i % 10 === 0 ? null : i * i - 40_000, kind: i % 2 };
  });
  const filter = readFilter(definition, { kind: true, min_price: '-10' }, NOW);
  const texts: string[] = [];
  for (const maxRollupCells of [0, 1_000]) {
    const table = await openTable(definition, rows, { scanLimits: SCAN_LIMITS, maxRollupCells });
    const { at, dataSet } = table;
    try {
      for (const [wanted, matching] of [
        [readFilter(definition, {}, NOW), rows],
        [filter, rows.filter(({ kind, price }) => kind === 1 && price !== null && Number(price) >= -1_000)],
      ] as const) {
        const text = await statsText(definition, dataSet, {
          at,
          filter: wanted,
          histogram: 'price',
          now: NOW,
        });
        texts.push(text);
        const { histogram }: { histogram: { from: number; to: number; count: number }[] } = JSON.parse(text);
        const highest = Math.max(...rows.map(({ price }) => Number(price))) / 100;
        const found = histogram.map(({ from, to }) => {
          const isIn = (price: number) => price >= from && (price < to || (to === highest && price === to));
          return matching.filter(({ price }) => price !== null && isIn(Number(price) / 100)).length;
        });
        t.same(
          histogram.map(({ count }) => count),
          found,
        );
        t.equal(
          found.reduce((sum, count) => sum + count, 0),
          matching.filter(({ price }) => price !== null).length,
        );
        t.ok(histogram.length > 50 && histogram.length <= 200);
      }
    } finally {
      await table.close();
    }
  }
  t.same(texts.slice(0, 2), texts.slice(2), 'the rollup and the rows give the same bins');
});
