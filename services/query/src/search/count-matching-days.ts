import { instantOf } from '@landfall/contracts/values/time';
import { columnSql } from '../database/identifiers.ts';
import { countedField } from '../database/schema.ts';
import type { GenerationId } from '../database/snapshot-reader.ts';
import { createDayCounter, type DayCounts } from '../statistics/day-counts.ts';
import type { AccessPath } from './access-path.ts';
import type { RowSource, SortValue } from './row-sql.ts';
import { readRows } from './rows.ts';
import { keyOrder } from './sort-order.ts';

/** Which rows are counted. */
export interface DayCountsQuery {
  at: GenerationId;
  /** Chosen for the filter. */
  accessPath: AccessPath;
}

/**
 * Counts the matching rows one by one, by the day of the counted field and by companion mask. The only item is the result.
 *
 * @throws ApiError generation_gone
 */
export async function* countMatchingDays(
  source: RowSource,
  { at, accessPath }: DayCountsQuery,
): AsyncGenerator<DayCounts> {
  const { definition, scanLimits } = source;
  const counter = createDayCounter();
  const counted = countedField(definition);
  // A missing companion is an empty path.
  const bits = definition.companions.map(({ column }, bit) => `((${columnSql(column)} > '') << ${bit})`);
  const columns = [counted === undefined ? '0' : columnSql(counted.name), bits.join(' | ') || '0'].join();
  const selection = { at, accessPath, order: keyOrder(definition), columns, from: undefined };
  const size = { rowsPerRead: () => scanLimits.rowsPerRead, maxSortedRows: Number.POSITIVE_INFINITY };
  for await (const rows of readRows<[time: SortValue, mask: number]>(source, selection, size)) {
    for (const [, , time, mask] of rows) counter.add(counted ? instantOf(counted, time) : 0, mask);
  }
  yield counter.counts();
}
