export const MS_PER_DAY = 86_400_000;

/** The number of the UTC day an instant falls on, 0 being 1970-01-01; negative before. `ms` since 1970 UTC. */
export function utcDay(ms: number): number {
  return Math.floor(ms / MS_PER_DAY);
}

/**
 * Age in whole years by the calendar, in UTC: one grows older at 00:00 UTC on the birthday; who was born on
 * 29 February does so on 1 March of a common year.
 *
 * @param birthts birth, ms since 1970 UTC
 * @param now the clock, ms since 1970 UTC
 * @returns years; negative when the birth lies after today
 */
export function ageInYears(birthts: number, now: number): number {
  const birth = new Date(birthts);
  const today = new Date(now);
  const years = today.getUTCFullYear() - birth.getUTCFullYear();
  const months = today.getUTCMonth() - birth.getUTCMonth();
  const beforeBirthday = months < 0 || (months === 0 && today.getUTCDate() < birth.getUTCDate());
  return beforeBirthday ? years - 1 : years;
}

/**
 * The first instant (ms since 1970 UTC) at which one would have to be born to be *younger* than `age` today:
 * whoever was born before it is at least `age` years old, all day long.
 *
 * @param age whole years, 0 or more
 * @param now the clock, ms since 1970 UTC
 */
export function bornBeforeToBe(age: number, now: number): number {
  const today = new Date(now);
  const year = today.getUTCFullYear() - age;
  const month = today.getUTCMonth();
  // On 29 February, `age` years ago may have had no such day: its February then ended with the 28th.
  return Math.min(startOf(year, month, today.getUTCDate() + 1), startOf(year, month + 1, 1));
}

/** `Date.UTC` takes the years 0 to 99 for those of the 20th century; the calendar is the same every 400 years. */
const startOf = (year: number, month: number, day: number): number =>
  Date.UTC(year + 400, month, day) - DAYS_OF_400_YEARS * MS_PER_DAY;
const DAYS_OF_400_YEARS = 146_097;
