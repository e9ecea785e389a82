import { utcDay } from '@landfall/contracts/dataset/age';
import type { CompanionTest } from './companion-mask.ts';
import type { DayFilter } from './day-filter.ts';

/** How many rows have a companion mask and, in the counted field, a UTC day (0 is 1970-01-01). */
export type DayCount = [day: number, mask: number, rows: number];

/**
 * How many rows of a set fall on each UTC day of the counted field, by companion mask. The counts are running totals, so the
 * count of any range of days is one subtraction.
 */
export interface DayCounts {
  /** Every day with at least one row, ascending. */
  days: Int32Array<ArrayBuffer>;
  /** Running totals, one for each companion mask that occurs. */
  byMask: readonly MaskTotals[];
}

export interface MaskTotals {
  mask: number;
  /** `totals[i]`: rows with this mask before `days[i]`. One more entry at the end is the total of all days. */
  totals: Float64Array<ArrayBuffer>;
}

/** @param counts by ascending day; each pair of day and mask at most once */
export function dayCountsOf(counts: readonly DayCount[]): DayCounts {
  const days = Int32Array.from(new Set(counts.map(([day]) => day)));
  const totals = new Map<number, Float64Array<ArrayBuffer>>();
  let index = 0;
  for (const [day, mask, rows] of counts) {
    while (days[index] !== day) index++;
    const own = totals.get(mask) ?? new Float64Array(days.length + 1);
    own[index + 1] = rows;
    totals.set(mask, own);
  }
  for (const own of totals.values()) accumulate(own);
  return { days, byMask: Array.from(totals, ([mask, totals]) => ({ mask, totals })) };
}

function accumulate(values: Float64Array): void {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i] ?? 0;
    values[i] = sum;
  }
}

/** Counts rows that are added in any order. */
export function createDayCounter() {
  const byMask = new Map<number, Map<number, number>>();
  return {
    /** @param instant value of the counted field, ms since 1970 UTC */
    add(instant: number, mask: number): void {
      const day = utcDay(instant);
      const days = byMask.get(mask) ?? new Map<number, number>();
      days.set(day, (days.get(day) ?? 0) + 1);
      byMask.set(mask, days);
    },
    counts(): DayCounts {
      const counts = [...byMask].flatMap(([mask, days]) =>
        Array.from(days, ([day, rows]): DayCount => [day, mask, rows]),
      );
      return dayCountsOf(counts.sort(([a], [b]) => a - b));
    },
  };
}

/** A range of `days` by index, without `end`. */
export interface DayRange {
  first: number;
  end: number;
}

/** The days within the bounds of a filter. */
export function dayRangeOf(
  { days }: DayCounts,
  { from, before }: Pick<DayFilter, 'from' | 'before'>,
): DayRange {
  return {
    first: from === undefined ? 0 : lowerBound(days, utcDay(from)),
    end: before === undefined ? days.length : lowerBound(days, utcDay(before)),
  };
}

const combined = new WeakMap<DayCounts, Map<string, Float64Array>>();

/** The running totals of the rows that pass a companion test. They are added up once per test. */
export function totalsOf(counts: DayCounts, { bits, value }: CompanionTest): Float64Array {
  const known = combined.get(counts) ?? new Map<string, Float64Array>();
  combined.set(counts, known);
  const key = `${bits} ${value}`;
  const totals = known.get(key) ?? addUp(counts, ({ mask }) => (mask & bits) === value);
  known.set(key, totals);
  return totals;
}

function addUp({ days, byMask }: DayCounts, passes: (totals: MaskTotals) => boolean): Float64Array {
  const [first, ...others] = byMask.filter(passes);
  if (!first) return new Float64Array(days.length + 1);
  if (others.length === 0) return first.totals;
  const sum = Float64Array.from(first.totals);
  for (const { totals } of others)
    totals.forEach((rows, i) => {
      sum[i] = (sum[i] ?? 0) + rows;
    });
  return sum;
}

/** The sum over a range of days, from running totals. */
export const sumOver = (totals: Float64Array, { first, end }: DayRange): number =>
  end > first ? (totals[end] ?? 0) - (totals[first] ?? 0) : 0;

/** How many of the counted rows pass a filter of days and companions. */
export const countMatching = (counts: DayCounts, filter: DayFilter): number =>
  sumOver(totalsOf(counts, filter.companions), dayRangeOf(counts, filter));

/** The index of the first value that is at least `least` in ascending values; their count when there is none. */
export function lowerBound(ascending: Int32Array | Float64Array, least: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
