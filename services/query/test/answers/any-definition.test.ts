import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Definition, Field } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { rejectsHeader } from '@landfall/contracts/dataset/reject-codec';
import type { Row, Value } from '@landfall/contracts/dataset/row';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import { openStateFile } from '@landfall/state-file/state-file';
import fc from 'fast-check';
import t from 'tap';
import { databaseLayout } from '../../src/database/schema.ts';
import { openDataSet } from '../../src/dataset/data-set.ts';
import { readFilter } from '../../src/http/request/read-filter.ts';
import { importGeneration } from '../../src/load/import-generation.ts';
import type { ScanLimits } from '../../src/search/scan-limits.ts';
import { parseSortOrder } from '../../src/search/sort-order.ts';
import { countMatching } from '../../src/statistics/day-counts.ts';
import { dayFilterOf } from '../../src/statistics/day-filter.ts';
import { textOf } from '../support/_serialized.ts';
import { SCAN_LIMIT_CASES } from '../support/_table.ts';

const TEXTS = ['', 'a', 'b', 'a,"b"', '\n', '😀', '\uffff', '}', "'", '%d'];
const ENUM = ['x', 'y', '}"'];
const DAYS = ['0000-01-01', '1999-12-31', '2000-02-29', '9999-12-31'];
const TIMES = ['0000-01-01T00:00:00.000Z', '2000-02-29T23:59:59.999Z', '9999-12-31T23:59:59.999Z'];

/** Names that are SQL words, so that all of them have to be quoted. */
const NAMES = ['order', 'group', 'select', 'from', 'where', 'index', 'values', 'null', 'table'];

type Kind = Field['type'] extends infer T ? T : never;
const KINDS: Kind[] = ['string', 'enum', 'boolean', 'integer', 'decimal', 'date', 'timestamp'];

const field = (name: string): fc.Arbitrary<Field> =>
  fc
    .record({
      kind: fc.constantFrom(...KINDS),
      scale: fc.integer({ min: 0, max: 4 }),
      unit: fc.constantFrom('ms', 's', 'iso'),
      optional: fc.boolean(),
    })
    .map(({ kind, scale, unit, optional }): Field => {
      const common = { name, ...(optional ? { optional } : {}) };
      if (kind === 'enum') return { ...common, type: kind, values: ENUM };
      if (kind === 'decimal') return { ...common, type: kind, scale };
      if (kind === 'timestamp') return { ...common, type: kind, unit };
      return { ...common, type: kind };
    });

/** A stored value of a field. */
function storedValue(each: Field): fc.Arbitrary<Value> {
  const present = (): fc.Arbitrary<Value> => {
    switch (each.type) {
      case 'string':
        // Empty text is a missing value.
        return fc.constantFrom(...TEXTS.slice(1));
      case 'enum':
        return fc.constantFrom(...ENUM);
      case 'boolean':
        return fc.constantFrom(0, 1);
      case 'date':
        return fc.constantFrom(...DAYS);
      case 'timestamp':
        return each.unit === 'iso'
          ? fc.constantFrom(...TIMES)
          : fc.constantFrom(-5, 0, 951_868_799, 8_640_000_000);
      default:
        return fc.constantFrom(0, 7, -7, 5, 1_250, -100, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER);
    }
  };
  return each.optional ? fc.oneof(fc.constant(null), present()) : present();
}

const sample = fc
  .uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 6 })
  .chain((names) => fc.tuple(...names.map(field)))
  .chain((fields) => {
    const definition: Definition = {
      name: 'things',
      one: 'thing',
      records: '**/{id}.csv',
      fields,
      companions: [{ name: 'picture', files: '**/{id}.png', column: 'picture_path' }],
      derived: [],
      statistics: [],
    };
    const row = fc.record({
      ...Object.fromEntries(fields.map((each) => [each.name, storedValue(each)])),
      picture_path: fc.constantFrom(null, 'b/x.png'),
    });
    return fc.record({
      definition: fc.constant(definition),
      rows: fc.array(row, { maxLength: 12 }),
      sort: fc.constantFrom('id', ...fields.map(({ name }) => name), 'picture_path'),
      descending: fc.boolean(),
      filtered: fc.nat({ max: fields.length - 1 }),
      pick: fc.nat({ max: 11 }),
      how: fc.nat({ max: 3 }),
      limit: fc.integer({ min: 1, max: 5 }),
      scanLimits: fc.constantFrom(...SCAN_LIMIT_CASES),
    });
  });

/** A value as JSON text, computed without the program. */
function jsonOf(each: Field, value: Value): string {
  if (value === null) return 'null';
  if (each.type === 'boolean') return value === 1 ? 'true' : 'false';
  if (each.type !== 'decimal' || each.scale === 0) return JSON.stringify(value);
  const digits = BigInt(value)
    .toString()
    .replace('-', '')
    .padStart(each.scale + 1, '0');
  const at = digits.length - each.scale;
  return `${Number(value) < 0 ? '-' : ''}${digits.slice(0, at)}.${digits.slice(at)}`;
}

const compare = (a: Value, b: Value): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : compareBytes(String(a), String(b));

/** Missing values come last in both directions, ties by ascending id. A missing picture is the empty text. */
function naiveOrder(rows: Row[], sort: string, descending: boolean): Row[] {
  const of = (row: Row): Value => (sort === 'picture_path' ? (row[sort] ?? '') : (row[sort] ?? null));
  return rows.toSorted((a, b) => {
    const [x, y] = [of(a), of(b)];
    const byId = compareBytes(String(a.id), String(b.id));
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
        async ({ definition, rows: values, sort, descending, filtered, pick, how, limit, scanLimits }) => {
          const rows: Row[] = values
            .map((row, i): Row => ({ id: `${i % 3}-${i}`, ...row }))
            .toSorted((a, b) => compareBytes(String(a.id), String(b.id)));
          const table = await openTable(definition, rows, scanLimits);
          try {
            const chosen = definition.fields[filtered];
            if (!chosen) throw new Error('no field');
            const [query, matches] = restriction(
              chosen,
              rows[pick]?.[chosen.name] ?? DEFAULTS[chosen.type],
              how,
            );
            const filter = readFilter(definition, query, 0);
            const expected = naiveOrder(
              rows.filter((row) => matches(row[chosen.name] ?? null)),
              sort,
              descending,
            );
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
            const counts = await table.dataSet.dayCounts(table.at, filter);
            t.equal(
              countMatching(counts, dayFilterOf(definition, filter)),
              expected.length,
              `${what}: the count`,
            );
          } finally {
            await table.close();
          }
        },
      ),
      { numRuns: 60 },
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

const rowJson = ({ fields }: Definition, row: Row): string =>
  `{${[
    `"id":${JSON.stringify(row.id)}`,
    ...fields.map((each) => `"${each.name}":${jsonOf(each, row[each.name] ?? null)}`),
    `"picture_path":${JSON.stringify(row.picture_path)}`,
  ].join()}}`;

/** A served data set with one generation. */
async function openTable(definition: Definition, rows: readonly Row[], scanLimits: ScanLimits) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-definition-'));
  const file = path.join(folder, 'data-set.sqlite');
  const dataSet = openDataSet({ file, definition, onDiscard: () => undefined, scanLimits });
  const db = openStateFile(file, databaseLayout(definition), () => undefined);
  const codec = rowCodec(definition);
  const text = codec.header + rows.map(codec.formatRow).join('');
  const [rowsFile, rejectsFile] = [path.join(folder, 'rows.csv'), path.join(folder, 'rejects.csv')];
  fs.writeFileSync(rowsFile, text);
  fs.writeFileSync(rejectsFile, rejectsHeader(definition));
  const object = { key: 'x', size: text.length, etag: 'e', rows: rows.length };
  const at: Manifest = {
    generation: 1,
    version: createHash('sha256').update(text).digest('hex'),
    created_at: '2026-06-01T00:00:00.000Z',
    rows: rows.length,
    snapshot: object,
    output: object,
    rejects_snapshot: { ...object, rows: 0 },
    rejects: { ...object, rows: 0 },
  };
  await importGeneration(db, definition, {
    manifest: at,
    rows: { file: rowsFile, isDelta: false },
    rejectsFile,
  });
  dataSet.generations.refresh();
  return {
    dataSet,
    at,
    async close(): Promise<void> {
      db.close();
      await dataSet.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
