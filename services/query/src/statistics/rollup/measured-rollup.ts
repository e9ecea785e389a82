import { firstBirthYoungerThan, utcDay } from '@landfall/contracts/dataset/age';
import { lowerBound } from '../lower-bound.ts';
import { type Measure, MISSING, measuredValue } from '../measure.ts';
import { firstValue, type Rollup, sumOver, type ValueRange } from './rollup.ts';

/** The measured values of a rollup on one UTC day: ages change from day to day, numbers do not. */
export interface MeasuredRollup {
  /** undefined for numbers: they are the same on every day. */
  day: number | undefined;
  /** `measured[i]` belongs to `values[i]` of the rollup. */
  measured: Float64Array;
  /** The index of the first one: 1 when there are rows without a value. */
  first: number;
  /** Whether every sum is a safe integer. */
  isSafe: boolean;
}

/** `sum[i]`: of the measured values of the rows before `values[i]`. As BigInt where it may be no safe integer. */
export type RunningSum = Float64Array | readonly bigint[];

const latest = new WeakMap<Rollup, MeasuredRollup>();

/**
 * Computes the measured values once per rollup and UTC day.
 *
 * @param measure the one whose values the rollup counts
 * @param now the request's clock, ms since 1970 UTC
 */
export function measuredRollupOf(rollup: Rollup, measure: Measure, now: number): MeasuredRollup {
  const day = measure.kind === 'years' ? utcDay(now) : undefined;
  const known = latest.get(rollup);
  if (known && known.day === day) return known;
  const { values, byGroup } = rollup;
  const measured = measure.kind === 'years' ? agesOf(rollup, measure, now) : values;
  const first = firstValue(rollup);
  const rows = byGroup.reduce((sum, { totals }) => sum + (totals.at(-1) ?? 0), 0);
  // The measured values are monotonic: the largest magnitude is at one of the ends.
  const largest = Math.max(Math.abs(measured[first] ?? 0), Math.abs(measured.at(-1) ?? 0));
  const made = { day, measured, first, isSafe: largest * rows <= Number.MAX_SAFE_INTEGER };
  latest.set(rollup, made);
  return made;
}

function agesOf(rollup: Rollup, measure: Measure, now: number): Float64Array {
  const ages = new Float64Array(rollup.values.length);
  for (const { age, range } of ageRanges(rollup, measure, { first: 0, end: ages.length }, now)) {
    ages.fill(age, range.first, range.end);
  }
  return ages;
}

/** @param totals running totals of rows */
export const runningSum = ({ measured, first, isSafe }: MeasuredRollup, totals: Float64Array): RunningSum =>
  isSafe ? safeSum(measured, totals, first) : exactSum(measured, totals, first);

function safeSum(measured: Float64Array, totals: Float64Array, first: number): Float64Array {
  const sums = new Float64Array(totals.length);
  for (let i = first; i < measured.length; i++) {
    sums[i + 1] = (sums[i] ?? 0) + (measured[i] ?? 0) * ((totals[i + 1] ?? 0) - (totals[i] ?? 0));
  }
  return sums;
}

function exactSum(measured: Float64Array, totals: Float64Array, first: number): bigint[] {
  let sum = 0n;
  const sums = Array<bigint>(first + 1).fill(0n);
  for (let i = first; i < measured.length; i++) {
    const rows = (totals[i + 1] ?? 0) - (totals[i] ?? 0);
    if (rows > 0) sum += BigInt(measured[i] ?? 0) * BigInt(rows);
    sums.push(sum);
  }
  return sums;
}

/** The sum over a range of values. */
export const measuredSumOver = (sum: RunningSum, range: ValueRange): number | bigint =>
  sum instanceof Float64Array
    ? sumOver(sum, range)
    : range.end > range.first
      ? (sum[range.end] ?? 0n) - (sum[range.first] ?? 0n)
      : 0;

/** Splits a range of days into ranges of one age each, from the lowest age to the highest. */
export function* ageRanges(
  { values }: Rollup,
  measure: Measure,
  { first, end }: ValueRange,
  now: number,
): Generator<{ age: number; range: ValueRange }> {
  for (let rest = end; rest > first; ) {
    const day = values[rest - 1] ?? MISSING;
    if (day === MISSING) return;
    const age = measuredValue(measure, day, now);
    const oldest = lowerBound(values, utcDay(firstBirthYoungerThan(age + 1, now)));
    const range = { first: Math.min(rest - 1, Math.max(first, oldest)), end: rest };
    yield { age, range };
    rest = range.first;
  }
}
