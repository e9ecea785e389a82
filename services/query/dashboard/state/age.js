/**
 * Returns the age in whole calendar years, in UTC. A test holds it equal to `age.ts` of the contracts.
 *
 * @param {number} birthts birth, ms since 1970 UTC
 * @param {number} now the clock, ms since 1970 UTC
 */
export function ageInYears(birthts, now) {
  const [birth, today] = [new Date(birthts), new Date(now)];
  const years = today.getUTCFullYear() - birth.getUTCFullYear();
  const months = today.getUTCMonth() - birth.getUTCMonth();
  const isBeforeBirthday = months < 0 || (months === 0 && today.getUTCDate() < birth.getUTCDate());
  return isBeforeBirthday ? years - 1 : years;
}
