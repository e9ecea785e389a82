import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { definitionHash } from '@landfall/contracts/definition/definition-hash';
import { isStoredAsNumber } from '@landfall/contracts/values/canonical';
import type { StateFileLayout } from '@landfall/state-file/state-file';
import {
  CHANGES_TABLE,
  columnSql,
  GENERATIONS_TABLE,
  indexSql,
  QUOTED_CSV,
  REJECTS_TABLE,
  ROLLUP_STATISTIC_TABLE,
  ROLLUP_TABLE,
  ROWS_TABLE,
  STILL_VALID,
  VALID_FROM,
  VALID_UNTIL,
} from './identifiers.ts';

/** Goes up with every change of the tables that does not come from a definition. */
const SCHEMA_VERSION = 8;

/**
 * The columns of `__rows` beside the key column, in the table's order. SQLite decodes a row only as far as it has to, so the
 * columns that filters test most often come first.
 */
export function valueColumns({ fields, companions }: Definition): string[] {
  const numbers = fields.filter(isStoredAsNumber);
  const texts = fields.filter((field) => !isStoredAsNumber(field));
  return [...numbers, ...companions.map(({ column }) => ({ name: column })), ...texts].map(
    ({ name }) => name,
  );
}

/**
 * The tables of the served data set. A row says from which generation on it is valid, and from which on it is not any more, so
 * every generation that is kept can be read from the same tables, and a new one writes only rows that differ. Text is ordered
 * by its UTF-8 bytes (SQLite's BINARY collation).
 */
export function databaseLayout(definition: Definition): StateFileLayout {
  const key = columnSql(keyColumn(definition));
  const integers = new Set<string>(definition.fields.filter(isStoredAsNumber).map(({ name }) => name));
  const optional = new Set(definition.fields.filter((field) => field.optional).map(({ name }) => name));
  const columns = valueColumns(definition).map((name) => {
    const type = integers.has(name) ? 'INTEGER' : 'TEXT';
    return `${columnSql(name)} ${type}${optional.has(name) ? '' : ' NOT NULL'},`;
  });
  return {
    schemaVersion: SCHEMA_VERSION,
    // Texts for people, names of parameters and statistics do not change the tables, and of the content only the rollup.
    definition: definitionHash(definition),
    schema: `
    -- The generations that can be read, with their manifests. The highest is the one that is served.
    CREATE TABLE ${GENERATIONS_TABLE} (
      generation INTEGER PRIMARY KEY,
      version TEXT NOT NULL,
      manifest TEXT NOT NULL
    );

    -- The versions of every row; of one row only one is valid at a time. A missing companion is an empty path.
    CREATE TABLE ${ROWS_TABLE} (
      ${key} TEXT NOT NULL,
      ${VALID_FROM} INTEGER NOT NULL,
      ${VALID_UNTIL} INTEGER NOT NULL,
      ${columns.join('\n      ')}
      ${QUOTED_CSV} TEXT,
      PRIMARY KEY (${key}, ${VALID_FROM})
    ) WITHOUT ROWID;
    ${createIndexes(definition)}

    -- The rows that a generation added, updated or removed.
    CREATE TABLE ${CHANGES_TABLE} (
      generation INTEGER NOT NULL,
      id TEXT NOT NULL,
      PRIMARY KEY (generation, id)
    ) WITHOUT ROWID;

    -- Rows per value of the first statistic (of years: the UTC day, 0 is 1970-01-01) and per group, which is a mask of companions,
    -- booleans and enums. Statistics are computed from these few ten thousand rows, however many rows the data set has.
    CREATE TABLE ${ROLLUP_TABLE} (
      value INTEGER NOT NULL,
      "group" INTEGER NOT NULL,
      ${VALID_FROM} INTEGER NOT NULL,
      ${VALID_UNTIL} INTEGER NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (value, "group", ${VALID_FROM})
    ) WITHOUT ROWID;

    -- One row: the statistic that the rollup is made for; and while there is no rollup, how many rows have changed since it was tried.
    CREATE TABLE ${ROLLUP_STATISTIC_TABLE} (name TEXT NOT NULL, changed_rows INTEGER NOT NULL);
    INSERT INTO ${ROLLUP_STATISTIC_TABLE} VALUES ('${rollupStatistic(definition)}', 0);

    -- The versions of every reject; of one key only one is valid at a time.
    CREATE TABLE ${REJECTS_TABLE} (
      key TEXT NOT NULL,
      ${VALID_FROM} INTEGER NOT NULL,
      ${VALID_UNTIL} INTEGER NOT NULL,
      id TEXT NOT NULL,
      reason TEXT NOT NULL,
      detail TEXT NOT NULL,
      since TEXT NOT NULL,
      kept_previous INTEGER NOT NULL,
      PRIMARY KEY (key, ${VALID_FROM})
    ) WITHOUT ROWID;
    -- Leads to the versions that can be deleted, without a scan of those that are still valid.
    CREATE INDEX "__ended_rejects" ON ${REJECTS_TABLE} (${VALID_UNTIL}) WHERE ${VALID_UNTIL} < ${STILL_VALID};
  `,
  };
}

/** The name of the statistic whose values the rollup counts; empty when there is none. */
export const rollupStatistic = ({ statistics: [first = ''] }: Definition): string => first;

const createIndexes = (definition: Definition): string =>
  valueColumns(definition)
    .map((column) => `CREATE INDEX ${indexSql(column)} ON ${ROWS_TABLE} (${columnSql(column)});`)
    .join('\n    ');

/** Statements that drop the indexes of `__rows`. */
export const dropRowIndexes = (definition: Definition): string =>
  valueColumns(definition)
    .map((column) => `DROP INDEX ${indexSql(column)};`)
    .join('\n');

/**
 * Statements that create the indexes of `__rows`. After the rows of an empty table have been inserted, this costs a fifth of
 * updating them row by row. SQLite sorts as much at a time as its cache may hold; what fits into a CPU cache is sorted in two
 * thirds of the time.
 */
export const createRowIndexes = (definition: Definition): string => `
    PRAGMA cache_size = -1000;
    ${createIndexes(definition)}
    PRAGMA cache_size = -16000;`;
