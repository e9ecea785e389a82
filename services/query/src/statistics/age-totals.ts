import { ageInYears, bornBeforeToBe, MS_PER_DAY, utcDay } from '@landfall/contracts/dataset/age';
import { type BirthDays, type Stretch, stretchOf } from './day-counts.ts';

/** The ages of a set of users on one UTC day. */
export interface Ages {
  day: number;
  /** `ages[i]`: of those who were born on `days[i]`, whole years. */
  ages: Int16Array;
  /** `withImage[i]`: the ages of users with an image who were born before `days[i]`, added up; as in `BirthDays`. */
  withImage: Float64Array;
  withoutImage: Float64Array;
}

const known = new WeakMap<BirthDays, Ages>();

/**
 * Worked out once a day: whatever is asked about ages is then the difference of two running totals.
 *
 * @param now the request's clock, ms since 1970 UTC
 */
export function agesOf(born: BirthDays, now: number): Ages {
  const day = utcDay(now);
  const before = known.get(born);
  if (before?.day === day) return before;
  const ages = new Int16Array(born.days.length);
  for (const { age, stretch } of ageStretches(born, { first: 0, end: born.days.length }, now)) {
    ages.fill(age, stretch.first, stretch.end);
  }
  const made = {
    day,
    ages,
    withImage: yearsOf(ages, born.withImage),
    withoutImage: yearsOf(ages, born.withoutImage),
  };
  known.set(born, made);
  return made;
}

function yearsOf(ages: Int16Array, totals: Float64Array): Float64Array {
  const years = new Float64Array(totals.length);
  for (const [i, age] of ages.entries()) {
    years[i + 1] = (years[i] ?? 0) + age * ((totals[i + 1] ?? 0) - (totals[i] ?? 0));
  }
  return years;
}

/** The days on which those of one age were born, each age of a stretch of days, the youngest first. */
export function* ageStretches(
  born: BirthDays,
  { first, end }: Stretch,
  now: number,
): Generator<{ age: number; stretch: Stretch }> {
  for (let after = end; after > first; ) {
    const age = ageInYears((born.days[after - 1] ?? 0) * MS_PER_DAY, now);
    const older = stretchOf(born, { bornFrom: bornBeforeToBe(age + 1, now), bornBefore: undefined });
    const stretch = { first: Math.min(after - 1, Math.max(first, older.first)), end: after };
    yield { age, stretch };
    after = stretch.first;
  }
}
