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
  const totals = totalsOf(counts, companions);
  const count = sumOver(totals, range);
  const derived = definition.derived.find(({ name }) => definition.statistics.includes(name))?.name;
  const withFiles = companionTotals(definition, counts, companions);
  if (derived === undefined) return { count, ...countCompanions(withFiles, range) };

  const ageAt = ageByRank(counts, companions, range, now);
  const [low, high] = [ageAt((count - 1) >> 1), ageAt(count >> 1)];
  return {
    [`average_${derived}`]: count === 0 ? null : yearsIn(counts, companions, range, now) / count,
    count,
    [`min_${derived}`]: ageAt(count - 1),
    [`max_${derived}`]: ageAt(0),
    [`median_${derived}`]: low === null || high === null ? null : (low + high) / 2,
    ...countCompanions(withFiles, range),
    ...(histogram ? { histogram: histogramOf(derived, counts, totals, withFiles, range, now) } : {}),
  };
}

/** The running totals of the rows that have a companion, by the member `with_…`; undefined when no row can have it. */
type CompanionTotals = [member: string, totals: Float64Array | undefined][];

const companionTotals = (definition: Definition, counts: DayCounts, test: CompanionTest): CompanionTotals =>
  definition.companions.map((companion) => {
    const both = withCompanion(definition, test, companion);
    return [`with_${companion.name}`, both && totalsOf(counts, both)];
  });

function countCompanions(totals: CompanionTotals, range: DayRange): Record<string, number> {
  const members: Record<string, number> = {};
  for (const [member, own] of totals) members[member] = own ? sumOver(own, range) : 0;
  return members;
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
  derived: string,
  counts: DayCounts,
  totals: Float64Array,
  withFiles: CompanionTotals,
  days: DayRange,
  now: number,
): Record<string, number>[] {
  const histogram: Record<string, number>[] = [];
  for (const { age, range } of ageRanges(counts, days, now)) {
    const count = sumOver(totals, range);
    if (count > 0) histogram.push({ [derived]: age, count, ...countCompanions(withFiles, range) });
  }
  return histogram;
}
