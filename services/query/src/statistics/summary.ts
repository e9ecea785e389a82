import type { Filter } from '../filter/filter.ts';
import { ageStretches, agesOf } from './age-totals.ts';
import { type BirthDays, firstNotBefore, stretchOf, sumIn, totalsOf } from './day-counts.ts';

/** How many rows have an age, in whole years. */
export interface AgeCount {
  age: number;
  count: number;
  with_image: number;
}

/** Figures about a set of rows; ages are null when it is empty. */
export interface Stats {
  /** Mean of the ages in whole years, not rounded. */
  average_age: number | null;
  count: number;
  min_age: number | null;
  max_age: number | null;
  /** Of an even count the mean of the two in the middle. */
  median_age: number | null;
  with_image: number;
  /** By ascending age, without ages that no row has. */
  histogram?: AgeCount[];
}

/** @param now the request's clock, ms since 1970 UTC */
export function statsOf(born: BirthDays, filter: Filter, histogram: boolean, now: number): Stats {
  const { ages, withImage, withoutImage } = agesOf(born, now);
  const stretch = stretchOf(born, filter);
  const totals = totalsOf(born, filter.hasImage);
  const count = sumIn(totals, stretch);
  const years =
    (filter.hasImage === false ? 0 : sumIn(withImage, stretch)) +
    (filter.hasImage === true ? 0 : sumIn(withoutImage, stretch));
  /** Of the `n`-th oldest, 0 being the first; null when there is no one. */
  const ageAt = (n: number): number | null => {
    if (count === 0) return null;
    return ages[firstNotBefore(totals, (totals[stretch.first] ?? 0) + n + 1) - 1] ?? null;
  };
  const [middle, nextToMiddle] = [ageAt((count - 1) >> 1), ageAt(count >> 1)];
  return {
    average_age: count === 0 ? null : years / count,
    count,
    min_age: ageAt(count - 1),
    max_age: ageAt(0),
    median_age: middle === null || nextToMiddle === null ? null : (middle + nextToMiddle) / 2,
    with_image: filter.hasImage === false ? 0 : sumIn(born.withImage, stretch),
    ...(histogram ? { histogram: histogramOf(born, filter, now) } : {}),
  };
}

function histogramOf(born: BirthDays, filter: Filter, now: number): AgeCount[] {
  const totals = totalsOf(born, filter.hasImage);
  const ages = ageStretches(born, stretchOf(born, filter), now).map(({ age, stretch }) => ({
    age,
    count: sumIn(totals, stretch),
    with_image: filter.hasImage === false ? 0 : sumIn(born.withImage, stretch),
  }));
  return [...ages.filter(({ count }) => count > 0)];
}
