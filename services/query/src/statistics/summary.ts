import type { Definition } from '@landfall/contracts/dataset/definition';
import type { USERS } from '@landfall/contracts/dataset/users';
import type { Filter } from '../filter/filter.ts';
import { ageRanges, ageTotalsOf } from './age-totals.ts';
import { type CompanionTest, withCompanion } from './companion-mask.ts';
import { type DayCounts, type DayRange, dayRangeOf, lowerBound, sumOver, totalsOf } from './day-counts.ts';
import { dayFilterOf } from './day-filter.ts';

type FirstDerived<D extends Definition> = D['derived'][0]['name'];
type WithCompanions<D extends Definition> = { [C in D['companions'][number] as `with_${C['name']}`]: number };

/** How many rows have a value of the derived value, in whole years. */
export type HistogramEntry<D extends Definition> = { [Name in FirstDerived<D>]: number } & {
  count: number;
} & WithCompanions<D>;

/**
 * Statistics of a set of rows. `average_…` is the mean of whole years, not rounded; `median_…` of an even count is the mean of
 * the two in the middle. Both, `min_…` and `max_…` are null when the set is empty. The histogram is ascending and has no
 * entries with count 0.
 */
export type StatsOf<D extends Definition> = {
  [Member in `${'average' | 'min' | 'max' | 'median'}_${FirstDerived<D>}`]: number | null;
} & { count: number; histogram?: HistogramEntry<D>[] } & WithCompanions<D>;

/** The statistics of the shipped data set, as the dashboard reads them. */
export type Stats = StatsOf<typeof USERS>;

/**
 * Summarizes the counted rows that match a filter. Only the first derived value is summarized; more statistics are not
 * supported yet.
 *
 * @param histogram whether to add the rows by age
 * @param now the request's clock, ms since 1970 UTC
 */
export function statsOf<const D extends Definition>(
  definition: D,
  counts: DayCounts,
  filter: Filter,
  histogram: boolean,
  now: number,
): StatsOf<D>;
export function statsOf(
  definition: Definition,
  counts: DayCounts,
  filter: Filter,
  histogram: boolean,
  now: number,
): Record<string, unknown> {
  const { companions, ...bounds } = dayFilterOf(definition, filter);
  const range = dayRangeOf(counts, bounds);
  const count = sumOver(totalsOf(counts, companions), range);
  const derived = definition.derived.find(({ name }) => definition.statistics.includes(name))?.name;
  const withFiles = withCompanions(definition, counts, companions, range);
  if (derived === undefined) return { count, ...withFiles };

  const ageAt = ageByRank(counts, companions, range, now);
  const [low, high] = [ageAt((count - 1) >> 1), ageAt(count >> 1)];
  return {
    [`average_${derived}`]: count === 0 ? null : yearsIn(counts, companions, range, now) / count,
    count,
    [`min_${derived}`]: ageAt(count - 1),
    [`max_${derived}`]: ageAt(0),
    [`median_${derived}`]: low === null || high === null ? null : (low + high) / 2,
    ...withFiles,
    ...(histogram ? { histogram: histogramOf(definition, derived, counts, companions, range, now) } : {}),
  };
}

/** `with_…` for each companion: the rows that have it. */
function withCompanions(
  definition: Definition,
  counts: DayCounts,
  test: CompanionTest,
  range: DayRange,
): Record<string, number> {
  const members = definition.companions.map((companion) => {
    const both = withCompanion(definition, test, companion);
    return [`with_${companion.name}`, both ? sumOver(totalsOf(counts, both), range) : 0];
  });
  return Object.fromEntries(members);
}

/** The sum of the ages, in years. */
function yearsIn(counts: DayCounts, { bits, value }: CompanionTest, range: DayRange, now: number): number {
  const { yearsByMask } = ageTotalsOf(counts, now);
  return counts.byMask.reduce((years, { mask }, i) => {
    const totals = yearsByMask[i];
    return totals && (mask & bits) === value ? years + sumOver(totals, range) : years;
  }, 0);
}

/** Returns a function that gives the age of the row with a rank, 0 being the oldest; null when the set is empty. */
function ageByRank(counts: DayCounts, test: CompanionTest, range: DayRange, now: number) {
  const { ages } = ageTotalsOf(counts, now);
  const totals = totalsOf(counts, test);
  if (sumOver(totals, range) === 0) return () => null;
  const before = totals[range.first] ?? 0;
  return (rank: number): number | null => ages[lowerBound(totals, before + rank + 1) - 1] ?? null;
}

function histogramOf(
  definition: Definition,
  derived: string,
  counts: DayCounts,
  test: CompanionTest,
  days: DayRange,
  now: number,
): Record<string, number>[] {
  const totals = totalsOf(counts, test);
  const entries = ageRanges(counts, days, now).map(({ age, range }) => ({
    [derived]: age,
    count: sumOver(totals, range),
    ...withCompanions(definition, counts, test, range),
  }));
  return [...entries.filter(({ count }) => count > 0)];
}
