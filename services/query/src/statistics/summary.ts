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
  const names = statsNamesOf(definition);
  const withFiles = companionTotals(definition, names, counts, companions);
  if (!names.derived) return { count, ...countCompanions(withFiles, range) };

  const { value, average, min, max, median } = names.derived;
  const ageAt = ageByRank(counts, totals, range, now);
  const [low, high] = [ageAt((count - 1) >> 1), ageAt(count >> 1)];
  const stats: Record<string, unknown> = countCompanions(withFiles, range);
  stats.count = count;
  stats[average] = count === 0 ? null : yearsIn(counts, companions, range, now) / count;
  stats[min] = ageAt(count - 1);
  stats[max] = ageAt(0);
  stats[median] = low === null || high === null ? null : (low + high) / 2;
  if (histogram) stats.histogram = histogramOf(value, counts, totals, withFiles, range, now);
  return stats;
}

/** The members of the statistics. Built once: names that are joined per request take a microsecond. */
interface StatsNames {
  companions: string[];
  /** undefined when the definition has no derived value to summarize. */
  derived: Record<'value' | 'average' | 'min' | 'max' | 'median', string> | undefined;
}

const statsNames = new WeakMap<Definition, StatsNames>();

function statsNamesOf(definition: Definition): StatsNames {
  const known = statsNames.get(definition);
  if (known) return known;
  const value = definition.derived.find(({ name }) => definition.statistics.includes(name))?.name;
  const names = {
    companions: definition.companions.map(({ name }) => `with_${name}`),
    derived:
      value === undefined
        ? undefined
        : {
            value,
            average: `average_${value}`,
            min: `min_${value}`,
            max: `max_${value}`,
            median: `median_${value}`,
          },
  };
  statsNames.set(definition, names);
  return names;
}

/** The running totals of the rows that have a companion, by the member `with_…`; undefined when no row can have it. */
type CompanionTotals = [member: string, totals: Float64Array | undefined][];

const companionTotals = (
  definition: Definition,
  names: StatsNames,
  counts: DayCounts,
  test: CompanionTest,
): CompanionTotals =>
  definition.companions.map((companion, i) => {
    const both = withCompanion(definition, test, companion);
    return [names.companions[i] ?? '', both && totalsOf(counts, both)];
  });

function countCompanions(totals: CompanionTotals, range: DayRange): Record<string, number> {
  const members: Record<string, number> = {};
  for (const [member, own] of totals) members[member] = own ? sumOver(own, range) : 0;
  return members;
}

/** The sum of the ages, in years. */
function yearsIn(counts: DayCounts, { bits, value }: CompanionTest, range: DayRange, now: number): number {
  const { yearsByMask } = ageTotalsOf(counts, now);
  let years = 0;
  for (let i = 0; i < yearsByMask.length; i++) {
    const [mask, totals] = [counts.byMask[i]?.mask ?? 0, yearsByMask[i]];
    if (totals && (mask & bits) === value) years += sumOver(totals, range);
  }
  return years;
}

/** Returns a function that gives the age of the row with a rank, 0 being the oldest; null when the set is empty. */
function ageByRank(counts: DayCounts, totals: Float64Array, range: DayRange, now: number) {
  const { ages } = ageTotalsOf(counts, now);
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
