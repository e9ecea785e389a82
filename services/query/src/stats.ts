import { ageInYears, bornBeforeToBe, MS_PER_DAY } from '@landfall/contracts/age';
import { type Static, Type } from 'typebox';
import { type BirthDays, countIn, stretchOf } from './birth-days.ts';
import type { Filter } from './filters.ts';

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

/** Users of one age. */
interface AgeGroup {
  age: number;
  users: number;
  withImage: number;
}

/** @param now the request's clock, ms since 1970 UTC */
export function statsOf(born: BirthDays, filter: Filter, histogram: boolean, now: number): Stats {
  const groups = ageGroups(born, filter, now);
  const users = sum(groups.map((group) => group.users));
  const years = sum(groups.map((group) => group.age * group.users));
  return {
    average_age: users === 0 ? null : years / users,
    count: users,
    min_age: groups[0]?.age ?? null,
    max_age: groups.at(-1)?.age ?? null,
    median_age: users === 0 ? null : (ageAt(groups, (users - 1) >> 1) + ageAt(groups, users >> 1)) / 2,
    with_image: sum(groups.map((group) => group.withImage)),
    ...(histogram ? { histogram: groups.map(agesOf) } : {}),
  };
}

const agesOf = ({ age, users, withImage }: AgeGroup) => ({ age, count: users, with_image: withImage });

/** By ascending age: the users of each are those born in one stretch of days. */
function ageGroups(born: BirthDays, filter: Filter, now: number): AgeGroup[] {
  const { first, end } = stretchOf(born, filter);
  const groups: AgeGroup[] = [];
  for (let after = end; after > first; ) {
    const age = ageInYears((born.days[after - 1] ?? 0) * MS_PER_DAY, now);
    const older = stretchOf(born, { bornFrom: bornBeforeToBe(age + 1, now), bornBefore: undefined });
    const stretch = { first: Math.min(after - 1, Math.max(first, older.first)), end: after };
    const withImage = countIn(born, stretch, true);
    const users = countIn(born, stretch, filter.hasImage);
    if (users > 0) groups.push({ age, users, withImage: filter.hasImage === false ? 0 : withImage });
    after = stretch.first;
  }
  return groups;
}

/** The age of the `n`-th youngest, 0 being the first. */
function ageAt(groups: readonly AgeGroup[], n: number): number {
  let younger = 0;
  for (const { age, users } of groups) {
    younger += users;
    if (younger > n) return age;
  }
  throw new RangeError(`there are ${younger} users, and no ${n}`);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
