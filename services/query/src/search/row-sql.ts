import { indexSql, ROWS_TABLE, VALID_FROM } from '../database/identifiers.ts';
import { type At, COUNT, type Reader } from '../database/snapshot-reader.ts';
import type { Clause } from '../database/visibility.ts';
import { validAt } from '../database/visibility.ts';
import type { SortOrder } from './sort-order.ts';

/** Of which generation users are read, in which order, and what of them. */
export interface Selection {
  at: At;
  order: SortOrder;
  /** Expressions over the columns of `users`. */
  columns: string;
}

/** A value that users are ordered by. */
export type Key = string | number;
/** The value of the order's column, the user_id, and what was asked for. */
export type Row<Columns extends unknown[]> = [value: Key, userId: string, ...Columns];

/** What narrows one read. */
export interface Narrowing {
  /** The column whose index leads. */
  by: string;
  where: readonly Clause[];
  orderBy: string;
  /** Rows; see `ALL`. */
  limit: number;
}

export const ANYONE: Clause = { sql: 'true', values: [] };
/** By ascending user_id, from a user on, or behind one. */
export const fromOn = (userId: string): Clause => ({ sql: 'user_id >= ?', values: [userId] });
export const behind = (userId: Key): Clause => ({ sql: 'user_id > ?', values: [userId] });

export function selectUsers<Columns extends unknown[]>(
  reader: Reader,
  { at, order, columns }: Selection,
  { by, where, orderBy, limit }: Narrowing,
): Row<Columns>[] {
  const all = [...where, validAt(at)];
  return reader.rows<Row<Columns>>(
    `SELECT ${order.column}, user_id, ${columns} FROM ${tableBy(by)}
     WHERE ${sqlOf(all)} ORDER BY ${orderBy} LIMIT ${COUNT}`,
    ...valuesOf(all),
    limit,
  );
}

/**
 * The same of users whose keys an index has: SQLite would otherwise read each whole user it leads to.
 *
 * @param where of the index's column, and of user_id
 * @param tests of the users
 */
export function selectFound<Columns extends unknown[]>(
  reader: Reader,
  { at, order, columns }: Selection,
  { by, where, orderBy, limit }: Narrowing,
  tests: Clause,
): Row<Columns>[] {
  const tested = [tests, validAt(at)];
  return reader.rows<Row<Columns>>(
    `SELECT ${order.column}, user_id, ${columns}
     FROM (SELECT user_id AS id, ${VALID_FROM} AS since FROM ${tableBy(by)} WHERE ${sqlOf(where)})
     CROSS JOIN ${ROWS_TABLE} ON user_id = id AND ${VALID_FROM} = since
     WHERE ${sqlOf(tested)} ORDER BY ${orderBy} LIMIT ${COUNT}`,
    ...valuesOf([...where, ...tested]),
    limit,
  );
}

/** The value of `column` in the row that is `limit` rows on, valid or not; undefined when that is beyond the last. */
export function edgeOf(
  reader: Reader,
  column: string,
  { by, where, orderBy, limit }: Narrowing,
): Key | undefined {
  const [row] = reader.rows<[Key]>(
    `SELECT ${column} FROM ${tableBy(by)} WHERE ${sqlOf(where)} ORDER BY ${orderBy} LIMIT 1 OFFSET ${COUNT}`,
    ...valuesOf(where),
    limit,
  );
  return row?.[0];
}

/** The id of the user who is `limit` users beyond the first of `those`; see `edgeOf`. */
export function edgeOfIds(reader: Reader, those: Clause, limit: number): string | undefined {
  const edge = edgeOf(reader, 'user_id', { by: 'user_id', where: [those], orderBy: 'user_id', limit });
  return edge === undefined ? undefined : String(edge);
}

/** The table by an index; by its primary key where that is `user_id`, which SQLite has no word for. */
const tableBy = (column: string): string =>
  column === 'user_id' ? ROWS_TABLE : `${ROWS_TABLE} INDEXED BY ${indexSql(column)}`;
const sqlOf = (where: readonly Clause[]): string => where.map(({ sql }) => sql).join(' AND ');
const valuesOf = (where: readonly Clause[]): Key[] => where.flatMap(({ values }) => values);
