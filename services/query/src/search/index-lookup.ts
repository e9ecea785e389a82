import type { Clause } from '../database/visibility.ts';
import { predicateSql } from '../filter/predicates.ts';
import type { AccessPath } from './access-path.ts';
import { scanByKey } from './key-steps.ts';
import { type RowSource, type SelectedRow, type Selection, selectByIndex } from './row-sql.ts';

/**
 * Reads the rows that an index finds, by ascending key, in short steps. The index contains the keys, so keys are sorted and
 * only the rows of one step are read.
 *
 * @param start only these rows
 */
export function lookUpRows<Columns extends unknown[]>(
  source: RowSource,
  selection: Selection,
  { by, others }: Pick<AccessPath & { kind: 'index-lookup' }, 'by' | 'others'>,
  start: Clause,
  rowsPerRead: () => number,
): AsyncGenerator<SelectedRow<Columns>[]> {
  const test = predicateSql(others, 'test');
  const scan = {
    at: selection.at,
    by: by.column,
    within: predicateSql([by], 'index'),
    isTested: true,
    window: source.scanLimits.window.min,
    rowsPerRead,
  };
  return scanByKey<Columns>(
    source,
    { ...scan, select: (bounds) => selectByIndex<Columns>(source, selection, bounds, test) },
    start,
  );
}
