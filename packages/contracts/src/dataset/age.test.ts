import fc from 'fast-check';
import t from 'tap';
import { naiveAge } from './_naive-age.ts';
import { ageInYears, firstBirthYoungerThan, utcDay } from './age.ts';

const at = (iso: string): number => Date.parse(iso.length === 10 ? `${iso}T00:00:00.000Z` : iso);
const DAY = 86_400_000;

/** [what, birth, now, age] */
const CASES: [string, string, string, number][] = [
  ['a day before the birthday', '2000-06-15', '2018-06-14', 17],
  ['the last millisecond before it', '2000-06-15T12:00:00.000Z', '2018-06-14T23:59:59.999Z', 17],
  ['at midnight UTC of the birthday, for any hour of birth', '2000-06-15T23:59:59.999Z', '2018-06-15', 18],
  ['born this very millisecond', '2000-06-15', '2000-06-15', 0],
  ['born later today', '2000-06-15T20:00:00.000Z', '2000-06-15', 0],
  ['born tomorrow', '2000-06-16', '2000-06-15', -1],
  ['29 February, on 28 February of a common year', '2000-02-29', '2018-02-28T23:59:59.999Z', 17],
  ['29 February, on 1 March of a common year', '2000-02-29', '2018-03-01', 18],
  ['29 February, on 28 February of a leap year', '2000-02-29', '2020-02-28', 19],
  ['29 February, on 29 February of a leap year', '2000-02-29', '2020-02-29', 20],
  ['29 February, in a century that is no leap year', '2096-02-29', '2100-02-28', 3],
  ['28 February, on 29 February', '2000-02-28', '2024-02-29', 24],
  ['1 March, on 29 February', '2000-03-01', '2024-02-29', 23],
  ['before 1970', '1969-12-31T23:59:59.999Z', '2026-12-31', 57],
  ['the first instant of 1970', '1970-01-01', '2026-01-01', 56],
  ['long before 1970', '1815-12-10', '1852-11-27', 36],
  ['a child of New Year’s Eve, on New Year', '1999-12-31T23:59:59.999Z', '2000-01-01', 0],
];

t.test('ageInYears', async (t) => {
  for (const [what, birth, now, age] of CASES) t.equal(ageInYears(at(birth), at(now)), age, what);
});

/** Instants that are often at an edge: midnight, its neighbours, 29 February and the days around it. */
const instant = (from: string, to: string) => {
  const anywhere = fc.integer({ min: at(from), max: at(to) });
  const nearMidnight = fc
    .tuple(anywhere, fc.constantFrom(-1, 0, 1, DAY / 2))
    .map(([ms, offset]) => utcDay(ms) * DAY + offset);
  const years = { min: new Date(at(from)).getUTCFullYear() + 1, max: new Date(at(to)).getUTCFullYear() - 1 };
  const nearLeapDay = fc
    .tuple(fc.integer(years), fc.integer({ min: -2, max: 2 }), fc.constantFrom(-1, 0, 1))
    .map(([year, days, ms]) => Date.UTC(year, 1, 29) + days * DAY + ms);
  return fc.oneof(anywhere, nearMidnight, nearLeapDay);
};
const birth = instant('1880-01-01', '2030-01-01');
const clock = instant('1960-01-01', '2110-01-01');

/** A birth and a clock. In half of the cases, the clock is at a birthday or within a day of it. */
const birthAndClock = fc.oneof(
  fc.tuple(birth, clock),
  fc
    .tuple(birth, fc.integer({ min: 0, max: 120 }), fc.constantFrom(-DAY, -1, 0, 1, DAY - 1, DAY))
    .map(([born, years, offset]): [number, number] => {
      const day = new Date(born);
      return [born, Date.UTC(day.getUTCFullYear() + years, day.getUTCMonth(), day.getUTCDate()) + offset];
    }),
);
const RUNS = { numRuns: 5_000 };

t.test('ageInYears changes on birthdays', async (t) => {
  fc.assert(
    fc.property(birthAndClock, ([born, now]) => ageInYears(born, now) < 0 === naiveAge(born, now) < 0),
    RUNS,
  );
  fc.assert(
    fc.property(birthAndClock, ([born, now]) => {
      const naive = naiveAge(born, now);
      return naive < 0 || ageInYears(born, now) === naive;
    }),
    RUNS,
  );
  t.pass('for any birth and clock');
});

t.test('firstBirthYoungerThan works for years before 100', async (t) => {
  t.equal(firstBirthYoungerThan(2025, at('2026-06-01')), at('0001-06-02'));
  t.equal(firstBirthYoungerThan(1927, at('2026-06-01')), at('0099-06-02'));
  t.equal(firstBirthYoungerThan(2030, at('2026-06-01')), Date.parse('-000004-06-02T00:00:00.000Z'));
});

t.test('firstBirthYoungerThan separates younger ages', async (t) => {
  fc.assert(
    fc.property(birthAndClock, fc.integer({ min: 0, max: 151 }), ([born, now], age) => {
      return naiveAge(born, now) >= age === born < firstBirthYoungerThan(age, now);
    }),
    RUNS,
  );
  fc.assert(
    fc.property(birthAndClock, ([born, now]) => {
      const age = naiveAge(born, now);
      return (
        age < 0 || (born < firstBirthYoungerThan(age, now) && born >= firstBirthYoungerThan(age + 1, now))
      );
    }),
    RUNS,
  );
  t.pass('for any birth, clock and age');
});

t.test('firstBirthYoungerThan is the start of a UTC day and constant all day', async (t) => {
  fc.assert(
    fc.property(
      clock,
      fc.integer({ min: 0, max: 151 }),
      fc.integer({ min: 0, max: DAY - 1 }),
      (now, age, later) => {
        const midnight = utcDay(now) * DAY;
        const bound = firstBirthYoungerThan(age, midnight);
        return Math.abs(bound % DAY) === 0 && bound === firstBirthYoungerThan(age, midnight + later);
      },
    ),
    RUNS,
  );
  t.pass('for any clock and age');
});

t.test('utcDay', async (t) => {
  for (const [ms, day] of [
    [0, 0],
    [DAY - 1, 0],
    [DAY, 1],
    [-1, -1],
    [-DAY, -1],
    [-DAY - 1, -2],
  ] as const) {
    t.equal(utcDay(ms), day, `${ms} ms`);
  }
});
