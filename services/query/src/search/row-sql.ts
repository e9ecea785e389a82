import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { columnSql, indexSql, ROWS_TABLE, VALID_FROM } from '../database/identifiers.ts';
import { type GenerationId, LIMIT_PARAMETER, type SnapshotReader } from '../database/snapshot-reader.ts';
import { type Clause, validAt } from '../database/visibility.ts';
import type { ScanLimits } from './scan-limits.ts';
import type { SortOrder } from './sort-order.ts';

/** Where rows are read from. */
export interface RowSource {
  reader: SnapshotReader;
  definition: Definition;
  scanLimits: ScanLimits;
}

/** The generation, the order and the columns of a read. */
export interface Selection {
  at: GenerationId;
  order: SortOrder;
  /** SQL expressions over the columns of a row. */
  columns: string;
}

/** null: missing. */
export type SortValue = string | number | null;
/** The value of the order's column, the key, and the selected columns. */
export type SelectedRow<Columns extends unknown[]> = [value: SortValue, key: string, ...Columns];

/** Which rows one read examines. */
export interface ReadBounds {
  /** The column whose index SQLite uses. */
  by: string;
  where: readonly Clause[];
  /** SQL. */
  orderBy: string;
  /** Rows; `NO_LIMIT` for no limit. */
  limit: number;
}

/** The key column, quoted for SQL. */
export const keySql = (definition: Definition): string => columnSql(keyColumn(definition));

export const ALL_ROWS: Clause = { sql: 'true', values: [] };
/** The rows from a key on, in the order of the keys. */
export const fromKey = (definition: Definition, key: SortValue): Clause => ({
  sql: `${keySql(definition)} >= ?`,
  values: [key],
});
/** The rows after a key, in the order of the keys. */
export const afterKey = (definition: Definition, key: SortValue): Clause => ({
  sql: `${keySql(definition)} > ?`,
  values: [key],
});
/** The rows up to a key, which is included. */
export const upToKey = (definition: Definition, key: SortValue): Clause => ({
  sql: `${keySql(definition)} <= ?`,
  values: [key],
});

export function selectRows<Columns extends unknown[]>(
  { reader, definition }: RowSource,
  { at, order, columns }: Selection,
  { by, where, orderBy, limit }: ReadBounds,
): SelectedRow<Columns>[] {
  const all = [...where, validAt(at)];
  return reader.rows<SelectedRow<Columns>>(
    `SELECT ${columnSql(order.column)}, ${keySql(definition)}, ${columns} FROM ${indexedBy(definition, by)}
     WHERE ${sqlOf(all)} ORDER BY ${orderBy} LIMIT ${LIMIT_PARAMETER}`,
    ...valuesOf(all),
    limit,
  );
}

/**
 * Like `selectRows`, but reads only the rows that come next: the index has their keys, which are sorted first. SQLite would
 * otherwise read every row that the index finds.
 *
 * @param bounds over the index's column and the key
 * @param test of the rows
 */
export function selectByIndex<Columns extends unknown[]>(
  { reader, definition }: RowSource,
  { at, order, columns }: Selection,
  { by, where, orderBy, limit }: ReadBounds,
  test: Clause,
): SelectedRow<Columns>[] {
  const key = keySql(definition);
  const tests = [test, validAt(at)];
  return reader.rows<SelectedRow<Columns>>(
    `SELECT ${columnSql(order.column)}, ${key}, ${columns}
     FROM (SELECT ${key} AS "__found_key", ${VALID_FROM} AS "__found_from"
       FROM ${indexedBy(definition, by)} WHERE ${sqlOf(where)})
     CROSS JOIN ${ROWS_TABLE} ON ${key} = "__found_key" AND ${VALID_FROM} = "__found_from"
     WHERE ${sqlOf(tests)} ORDER BY ${orderBy} LIMIT ${LIMIT_PARAMETER}`,
    ...valuesOf([...where, ...tests]),
    limit,
  );
}

/**
 * The value of `column` in the row at offset `bounds.limit`, counted in all row versions; undefined when there are fewer. An
 * upper bound for a read that must not examine more rows than that.
 */
export function valueAtOffset(
  { reader, definition }: Pick<RowSource, 'reader' | 'definition'>,
  column: string,
  { by, where, orderBy, limit }: ReadBounds,
): SortValue | undefined {
  const [row] = reader.rows<[SortValue]>(
    `SELECT ${columnSql(column)} FROM ${indexedBy(definition, by)}
     WHERE ${sqlOf(where)} ORDER BY ${orderBy} LIMIT 1 OFFSET ${LIMIT_PARAMETER}`,
    ...valuesOf(where),
    limit,
  );
  return row?.[0];
}

/** The table with the index on a column; the primary key's own index needs no hint. */
export const indexedBy = (definition: Definition, column: string): string =>
  column === keyColumn(definition) ? ROWS_TABLE : `${ROWS_TABLE} INDEXED BY ${indexSql(column)}`;

export const sqlOf = (where: readonly Clause[]): string => where.map(({ sql }) => sql).join(' AND ');
export const valuesOf = (where: readonly Clause[]): SortValue[] => where.flatMap(({ values }) => values);
