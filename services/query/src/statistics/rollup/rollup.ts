import { lowerBound } from '../lower-bound.ts';
import { MISSING } from '../measure.ts';
import type { RollupFilter } from './rollup-filter.ts';

/** How many rows have a counted value (`countedValue`) and are of a group (`Dimension`). */
export type RollupCell = [value: number, group: number, rows: number];

/**
 * How many rows of a generation have each value of the first statistic, by group. The counts are running totals, so the count of
 * any range of values is one subtraction.
 */
export interface Rollup {
  /** Every value of at least one row, ascending. `MISSING` is the first one. */
  values: Float64Array<ArrayBuffer>;
  /** Running totals, one for each group that occurs. */
  byGroup: readonly GroupTotals[];
}

export interface GroupTotals {
  group: number;
  /** `totals[i]`: rows of this group before `values[i]`. One more entry at the end is the total of all values. */
  totals: Float64Array<ArrayBuffer>;
}

/** @param cells by ascending value; each pair of value and group at most once */
export function rollupOf(cells: readonly RollupCell[]): Rollup {
  const values = Float64Array.from(new Set(cells.map(([value]) => value)));
  const totals = new Map<number, Float64Array<ArrayBuffer>>();
  let index = 0;
  for (const [value, group, rows] of cells) {
    while (values[index] !== value) index++;
    const own = totals.get(group) ?? new Float64Array(values.length + 1);
    own[index + 1] = rows;
    totals.set(group, own);
  }
  for (const own of totals.values()) accumulate(own);
  return { values, byGroup: Array.from(totals, ([group, totals]) => ({ group, totals })) };
}

function accumulate(values: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] ?? 0;
    values[i] = sum;
  }
}

/** The index of the first value: rows without a value come before it. */
export const firstValue = ({ values }: Rollup): number => (values[0] === MISSING ? 1 : 0);

/** A range of `values` by index, without `end`. */
export interface ValueRange {
  first: number;
  end: number;
}

/** The values within the bounds of a filter. */
export function valueRangeOf(
  { values }: Rollup,
  { from, before }: Pick<RollupFilter, 'from' | 'before'>,
): ValueRange {
  return {
    first: from === undefined ? 0 : lowerBound(values, from),
    end: before === undefined ? values.length : lowerBound(values, before),
  };
}

/** The sum over a range of values, from running totals. */
export const sumOver = (totals: Float64Array, { first, end }: ValueRange): number =>
  end > first ? (totals[end] ?? 0) - (totals[first] ?? 0) : 0;
