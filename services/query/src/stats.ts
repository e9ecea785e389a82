import { type Static, Type } from 'typebox';
import { ageStretches, agesOf } from './ages.ts';
import { type BirthDays, firstNotBefore, stretchOf, sumIn, totalsOf } from './birth-days.ts';
import type { Filter } from './filter.ts';

const count = (description: string) => Type.Integer({ minimum: 0, description });
const ageOrNull = <Schema extends ReturnType<typeof Type.Integer> | ReturnType<typeof Type.Number>>(
  schema: Schema,
  description: string,
) => Type.Union([schema, Type.Null()], { description: `${description}; null when no one matches` });

const AgeCount = Type.Object({
  age: Type.Integer(),
  count: count('users of this age'),
  with_image: count('of those of this age'),
});

export const Stats = Type.Object(
  {
    average_age: ageOrNull(Type.Number(), 'mean of the ages in whole years, not rounded'),
    count: count('users that match'),
    min_age: ageOrNull(Type.Integer(), 'the youngest'),
    max_age: ageOrNull(Type.Integer(), 'the oldest'),
    median_age: ageOrNull(Type.Number(), 'the age in the middle; of an even count the mean of the two there'),
    with_image: count('of those that match'),
    histogram: Type.Optional(
      Type.Array(AgeCount, {
        description: 'on `histogram=true`: users by age, ascending; ages that nobody has are left out',
      }),
    ),
  },
  { title: 'Stats' },
);
export type Stats = Static<typeof Stats>;

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

function histogramOf(born: BirthDays, filter: Filter, now: number): Static<typeof AgeCount>[] {
  const totals = totalsOf(born, filter.hasImage);
  const ages = ageStretches(born, stretchOf(born, filter), now).map(({ age, stretch }) => ({
    age,
    count: sumIn(totals, stretch),
    with_image: filter.hasImage === false ? 0 : sumIn(born.withImage, stretch),
  }));
  return [...ages.filter(({ count }) => count > 0)];
}
