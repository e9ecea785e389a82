import { keyColumn } from '@landfall/contracts/dataset/definition';
import { columnSql } from '../database/identifiers.ts';
import type { Clause } from '../database/visibility.ts';
import { type Predicate, predicateSql } from '../filter/predicates.ts';
import { type KeyScan, openKeySteps, scanByKey } from './key-steps.ts';
import { keysetScan, type ScanStep } from './keyset-scan.ts';
import { missingValue, rowsWithoutValue, rowsWithValue } from './missing-values.ts';
import {
  ALL_ROWS,
  afterKey,
  fromKey,
  keySql,
  type RowSource,
  type SelectedRow,
  type Selection,
  type SortValue,
  selectRows,
  valueAtOffset,
} from './row-sql.ts';
import type { ScanLimits } from './scan-limits.ts';
import { isKeyOrder } from './sort-order.ts';

/** A scan of all rows in the order of the result, with a test of each row. */
export interface OrderedScan extends Selection {
  predicates: readonly Predicate[];
  /** Rows examined per matching row, about. */
  rowsPerMatch: number;
  /** Rows per read. It may change from read to read. */
  rowsPerRead: () => number;
}

/** Of a row: the value of the order's column, and the key. */
export type Position = [value: SortValue, key: string];

/** Reads the matching rows in order, in short steps. */
export function scanInOrder<Columns extends unknown[]>(
  source: RowSource,
  scan: OrderedScan,
  start: Position | undefined,
): AsyncGenerator<SelectedRow<Columns>[]> {
  if (!isKeyOrder(source.definition, scan.order)) return scanByColumn(source, scan, start);
  const keyScan = keyScanOf<Columns>(source, scan, keyColumn(source.definition), ALL_ROWS);
  return scanByKey(source, keyScan, start ? fromKey(source.definition, start[1]) : ALL_ROWS);
}

/** The rows within a clause on one index, by ascending key. */
function keyScanOf<Columns extends unknown[]>(
  source: RowSource,
  scan: OrderedScan,
  by: string,
  within: Clause,
): KeyScan<Columns> {
  const { at, predicates, rowsPerRead } = scan;
  const test = predicateSql(predicates, 'test');
  return {
    ...{ at, by, within, rowsPerRead },
    isTested: predicates.length > 0,
    window: firstWindow(scan.rowsPerMatch, rowsPerRead(), source.scanLimits.window),
    select: (bounds) => selectRows<Columns>(source, scan, { ...bounds, where: [...bounds.where, test] }),
  };
}

/** Where a scan by column continues. */
type ColumnPosition<Columns extends unknown[]> =
  /** At the next value after this one; undefined for the first value. */
  | { kind: 'next-value'; last: SortValue | undefined }
  /** Among the rows that have one value, which are read by ascending key. */
  | { kind: 'ties'; value: SortValue; after: Clause; readStep: ReturnType<typeof openKeySteps<Columns>> };

/**
 * Reads rows by the values of a column, ascending or descending. Rows with the same value come by ascending key in both
 * directions, an order that no single index has. So a step reads a range of values; of the last value of the range, which may
 * have any number of rows, the rest follows by key.
 */
function scanByColumn<Columns extends unknown[]>(
  source: RowSource,
  scan: OrderedScan,
  start: Position | undefined,
): AsyncGenerator<SelectedRow<Columns>[]> {
  const readValues = openValueSteps<Columns>(source, scan);
  const { column } = scan.order;
  const missing = missingValue(source.definition, column);
  const ties = (value: SortValue, after: Clause): ColumnPosition<Columns> => {
    const within =
      value === missing
        ? rowsWithoutValue(column, value)
        : { sql: `${columnSql(column)} = ?`, values: [value] };
    const readStep = openKeySteps(source, keyScanOf<Columns>(source, scan, column, within));
    return { kind: 'ties', value, after, readStep };
  };

  const afterLastValue = missing === undefined ? undefined : ties(missing, ALL_ROWS);
  const afterValue = (value: SortValue): ColumnPosition<Columns> | undefined =>
    value === missing ? undefined : { kind: 'next-value', last: value };

  function readStep(
    position: ColumnPosition<Columns>,
  ): ScanStep<SelectedRow<Columns>[], ColumnPosition<Columns>> {
    if (position.kind === 'ties') {
      const { rows, last } = position.readStep(position.after);
      const next: ColumnPosition<Columns> | undefined =
        last === undefined
          ? afterValue(position.value)
          : { ...position, after: afterKey(source.definition, last) };
      return { item: rows.length > 0 ? rows : undefined, next };
    }
    const { rows, last } = readValues(position.last);
    return {
      item: rows.length > 0 ? rows : undefined,
      next: last
        ? ties(last.value, last.key === undefined ? ALL_ROWS : afterKey(source.definition, last.key))
        : afterLastValue,
    };
  }

  const first: ColumnPosition<Columns> = start
    ? ties(start[0], fromKey(source.definition, start[1]))
    : { kind: 'next-value', last: undefined };
  return keysetScan(first, readStep);
}

/** The rows of one step, and the value at its end, with the last key that was read of it; undefined when none are left. */
interface ValueStep<Columns extends unknown[]> {
  rows: SelectedRow<Columns>[];
  last: { value: SortValue; key: string | undefined } | undefined;
}

/** Returns a function that reads the rows of the next values. The steps examine more and more rows. */
function openValueSteps<Columns extends unknown[]>(
  source: RowSource,
  scan: OrderedScan,
): (lastValue: SortValue | undefined) => ValueStep<Columns> {
  const { at, order, predicates, rowsPerRead, rowsPerMatch } = scan;
  const { reader, definition, scanLimits } = source;
  const by = order.column;
  const column = columnSql(by);
  const [after, before, direction] = order.descending ? ['<', '>', 'DESC'] : ['>', '<', 'ASC'];
  const orderBy = `${column} ${direction}, ${keySql(definition)}`;
  const withValue = rowsWithValue(definition, by);
  let window = firstWindow(rowsPerMatch, rowsPerRead(), scanLimits.window);
  return (lastValue) => {
    const limit = rowsPerRead();
    const from =
      lastValue === undefined
        ? withValue
        : { sql: `${withValue.sql} AND ${column} ${after} ?`, values: [lastValue] };
    const { rows, edge } = reader.at(at, () => {
      const values = { by, where: [from], orderBy: `${column} ${direction}`, limit: window };
      const edge = valueAtOffset(source, by, values);
      const upTo = edge === undefined ? ALL_ROWS : { sql: `${column} ${before} ?`, values: [edge] };
      const where = [from, upTo, predicateSql(predicates, 'test')];
      return { rows: selectRows<Columns>(source, scan, { by, where, orderBy, limit }), edge };
    });
    window = Math.min(window * 2, scanLimits.window.max);
    const lastRow = rows.length === limit ? rows.at(-1) : undefined;
    if (lastRow) return { rows, last: { value: lastRow[0], key: lastRow[1] } };
    return { rows, last: edge === undefined ? undefined : { value: edge, key: undefined } };
  };
}

/** As many examined rows as should fill the first read. */
export const firstWindow = (
  rowsPerMatch: number,
  rowsPerRead: number,
  { min, max }: ScanLimits['window'],
): number => Math.min(max, Math.max(min, Math.ceil(1.5 * rowsPerMatch * rowsPerRead)));
