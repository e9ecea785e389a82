/**
 * Age by counting birthdays on the calendar, one year after the other: slow, and made in another way than
 * `age.ts`, to hold it to.
 */
export function naiveAge(birthts: number, now: number): number {
  const [birth, today] = [dateOf(birthts), dateOf(now)];
  if (birth > today) return -1;
  const birthYear = Number(birth.slice(0, -6));
  let age = 0;
  while (birthdayIn(birthYear + age + 1, birth.slice(-5)) <= today) age++;
  return age;
}

/** 29 February is kept on 1 March in common years. */
function birthdayIn(year: number, monthAndDay: string): string {
  const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
  return `${String(year).padStart(4, '0')}-${monthAndDay === '02-29' && !isLeap ? '03-01' : monthAndDay}`;
}

const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
