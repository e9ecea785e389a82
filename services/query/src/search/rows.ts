import { keyColumn } from '@landfall/contracts/dataset/definition';
import { columnSql, ROWS_TABLE } from '../database/identifiers.ts';
import { NO_LIMIT } from '../database/snapshot-reader.ts';
import { type Clause, validAt } from '../database/visibility.ts';
import { ApiError } from '../errors/api-error.ts';
import type { Filter } from '../filter/filter.ts';
import { predicateSql } from '../filter/predicates.ts';
import type { AccessPath } from './access-path.ts';
import { lookUpRows } from './index-lookup.ts';
import { missingValue, rowsWithoutValue } from './missing-values.ts';
import { type Position, scanInOrder } from './ordered-scan.ts';
import {
  ALL_ROWS,
  fromKey,
  keySql,
  type RowSource,
  type SelectedRow,
  type Selection,
  type SortValue,
  selectRows,
} from './row-sql.ts';
import { isKeyOrder, type SortOrder } from './sort-order.ts';

/** Which rows, in which order. */
export interface RowQuery {
  filter: Filter;
  order: SortOrder;
  /** The key of the first row; undefined for the first row of all. */
  from: string | undefined;
}

/** A row query of which the access path has been chosen. */
export interface RowSelection extends Selection {
  accessPath: AccessPath;
  from: RowQuery['from'];
}

export interface ReadSize {
  /** Rows per read. It may change between two reads. */
  rowsPerRead: () => number;
  /** The most rows of an index lookup that sorts all its rows in one read; Infinity for no limit. */
  maxSortedRows: number;
}

/**
 * Reads the rows of one generation that match, in order, in short reads. The event loop runs in between.
 *
 * @throws ApiError generation_gone; bad_parameter when there is no row with the key `from`
 */
export async function* readRows<Columns extends unknown[]>(
  source: RowSource,
  selection: RowSelection,
  { rowsPerRead, maxSortedRows }: ReadSize,
): AsyncGenerator<SelectedRow<Columns>[]> {
  const { reader, definition } = source;
  const { at, accessPath, order, from } = selection;
  const start = from === undefined ? undefined : positionOf(source, selection, from);
  if (accessPath.kind === 'ordered-scan') {
    yield* scanInOrder<Columns>(source, { ...selection, ...accessPath, rowsPerRead }, start);
    return;
  }
  const { by, others } = accessPath;
  if (isKeyOrder(definition, order) && by.column !== keyColumn(definition)) {
    const first = start ? fromKey(definition, start[1]) : ALL_ROWS;
    yield* lookUpRows<Columns>(source, selection, accessPath, first, rowsPerRead);
    return;
  }
  const where = [
    predicateSql([by], 'index'),
    predicateSql(others, 'test'),
    fromPosition(source, order, start),
  ];
  const missing = missingValue(definition, order.column);
  const missingLast = missing === undefined ? '' : `${rowsWithoutValue(order.column, missing).sql}, `;
  const direction = order.descending ? 'DESC' : 'ASC';
  const orderBy = `${missingLast}+${columnSql(order.column)} ${direction}, +${keySql(definition)}`;
  const limit = Number.isFinite(maxSortedRows) ? maxSortedRows : NO_LIMIT;
  yield reader.at(at, () => selectRows<Columns>(source, selection, { by: by.column, where, orderBy, limit }));
}

/** The position of the row with a key. */
function positionOf({ reader, definition }: RowSource, { at, order }: Selection, key: string): Position {
  if (isKeyOrder(definition, order)) return [key, key];
  const { sql, values } = validAt(at);
  const [row] = reader.at(at, () =>
    reader.rows<[SortValue]>(
      `SELECT ${columnSql(order.column)} FROM ${ROWS_TABLE} WHERE ${keySql(definition)} = ? AND ${sql}`,
      key,
      ...values,
    ),
  );
  if (row) return [row[0], key];
  throw new ApiError('bad_parameter', 'The row that cursor names does not exist.', {
    parameters: ['cursor'],
  });
}

/** The rows from a position on, as a test of rows that an index finds. */
function fromPosition(
  { definition }: RowSource,
  { column, descending }: SortOrder,
  start: Position | undefined,
): Clause {
  if (!start) return ALL_ROWS;
  const value = `+${columnSql(column)}`;
  const key = `+${keySql(definition)}`;
  const missing = missingValue(definition, column);
  const isMissing = missing === undefined ? undefined : rowsWithoutValue(column, missing).sql;
  if (isMissing !== undefined && start[0] === missing) {
    return { sql: `(+${isMissing} AND ${key} >= ?)`, values: [start[1]] };
  }
  return {
    sql: `(${value} ${descending ? '<' : '>'} ? OR (${value} = ? AND ${key} >= ?)${isMissing === undefined ? '' : ` OR +${isMissing}`})`,
    values: [start[0], ...start],
  };
}
