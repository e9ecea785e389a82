import { ageInYears, firstBirthYoungerThan, MS_PER_DAY, utcDay } from '@landfall/contracts/dataset/age';
import { type DayCounts, type DayRange, dayRangeOf } from './day-counts.ts';

/** The ages of counted rows on one UTC day: whole years since the counted field's day. */
export interface AgeTotals {
  day: number;
  /** `ages[i]`: the age of the rows of `days[i]`, in years. */
  ages: Int16Array;
  /** Running totals of the ages in years, one for each entry of `byMask`; see `MaskTotals`. */
  yearsByMask: readonly Float64Array[];
}

const latest = new WeakMap<DayCounts, AgeTotals>();

/**
 * Computes the ages once per set of counts and UTC day; a sum of ages is then one subtraction.
 *
 * @param now the request's clock, ms since 1970 UTC
 */
export function ageTotalsOf(counts: DayCounts, now: number): AgeTotals {
  const day = utcDay(now);
  const known = latest.get(counts);
  if (known?.day === day) return known;
  const ages = new Int16Array(counts.days.length);
  for (const { age, range } of ageRanges(counts, { first: 0, end: counts.days.length }, now)) {
    ages.fill(age, range.first, range.end);
  }
  const totals = { day, ages, yearsByMask: counts.byMask.map(({ totals }) => yearsOf(ages, totals)) };
  latest.set(counts, totals);
  return totals;
}

function yearsOf(ages: Int16Array, totals: Float64Array): Float64Array {
  const years = new Float64Array(totals.length);
  for (const [i, age] of ages.entries()) {
    years[i + 1] = (years[i] ?? 0) + age * ((totals[i + 1] ?? 0) - (totals[i] ?? 0));
  }
  return years;
}

/** Splits a range of days into ranges of one age each, from the lowest age to the highest. */
export function* ageRanges(
  counts: DayCounts,
  { first, end }: DayRange,
  now: number,
): Generator<{ age: number; range: DayRange }> {
  for (let rest = end; rest > first; ) {
    const age = ageInYears((counts.days[rest - 1] ?? 0) * MS_PER_DAY, now);
    const oldest = dayRangeOf(counts, { from: firstBirthYoungerThan(age + 1, now), before: undefined }).first;
    const range = { first: Math.min(rest - 1, Math.max(first, oldest)), end: rest };
    yield { age, range };
    rest = range.first;
  }
}
