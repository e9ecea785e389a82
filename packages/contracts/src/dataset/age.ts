export const MS_PER_DAY = 86_400_000;

/** Returns the number of the UTC day of an instant (ms since 1970 UTC): 0 is 1970-01-01, earlier days are negative. */
export function utcDay(ms: number): number {
  return Math.floor(ms / MS_PER_DAY);
}

/**
 * Returns the age in whole calendar years, in UTC. It increases at 00:00 UTC on the birthday; for a birth on 29 February, on 1
 * March of common years.
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
 * Returns the first instant (ms since 1970 UTC) of births that are *younger* than `age` today. Every birth before it is at least
 * `age` years old, all day.
 *
 * @param age whole years, 0 or more
 * @param now the clock, ms since 1970 UTC
 */
export function firstBirthYoungerThan(age: number, now: number): number {
  const today = new Date(now);
  const year = today.getUTCFullYear() - age;
  const month = today.getUTCMonth();
  // The year may have no 29 February.
  return Math.min(startOf(year, month, today.getUTCDate() + 1), startOf(year, month + 1, 1));
}

/** `Date.UTC` maps the years 0 to 99 to 1900 to 1999. The calendar repeats every 400 years. */
const startOf = (year: number, month: number, day: number): number =>
  Date.UTC(year + 400, month, day) - DAYS_OF_400_YEARS * MS_PER_DAY;
const DAYS_OF_400_YEARS = 146_097;
