import { ageInYears } from '@landfall/contracts/age';
import { type Static, Type } from 'typebox';

/** How many were born on a UTC day, 0 being 1970-01-01. */
export interface BirthDay {
  birth_day: number;
  users: number;
}

export const Stats = Type.Object(
  {
    average_age: Type.Union([Type.Number(), Type.Null()], {
      description: 'mean of the ages in whole years, not rounded; null when no one matches',
    }),
    count: Type.Integer({ minimum: 0, description: 'users that match' }),
  },
  { title: 'Stats' },
);
export type Stats = Static<typeof Stats>;

const MS_PER_DAY = 86_400_000;

/** @param now the request's clock, ms since 1970 UTC */
export function statsOf(days: readonly BirthDay[], now: number): Stats {
  let count = 0;
  let years = 0;
  for (const { birth_day: day, users } of days) {
    count += users;
    years += users * ageInYears(day * MS_PER_DAY, now);
  }
  return { average_age: count === 0 ? null : years / count, count };
}
