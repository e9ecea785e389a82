import { utcDay } from '@landfall/contracts/dataset/age';
import type { Filter } from '../filter/filter.ts';

/** How many were born on a UTC day, 0 being 1970-01-01, and how many of them have an image. */
export type BirthDay = [day: number, users: number, withImage: number];

/**
 * How many of a set of users were born up to each day. All figures are running totals, so that any stretch of days is
 * the difference of two.
 */
export interface BirthDays {
  /** Every day on which somebody was born, ascending. */
  days: Int32Array<ArrayBuffer>;
  /** `withImage[i]`: users with an image who were born before `days[i]`; one more entry at the end, for all. */
  withImage: Float64Array<ArrayBuffer>;
  withoutImage: Float64Array<ArrayBuffer>;
  /** Both of them. */
  users: Float64Array<ArrayBuffer>;
}

/** @param rows each day once, ascending */
export function birthDaysOf(rows: readonly BirthDay[]): BirthDays {
  const days = Int32Array.from(rows, ([day]) => day);
  const totals = () => new Float64Array(days.length + 1);
  const born = { days, users: totals(), withImage: totals(), withoutImage: totals() };
  let [users, withImage] = [0, 0];
  for (const [i, row] of rows.entries()) {
    users += row[1];
    withImage += row[2];
    born.users[i + 1] = users;
    born.withImage[i + 1] = withImage;
    born.withoutImage[i + 1] = users - withImage;
  }
  return born;
}

/** Counts users who come one by one, in any order. */
export function birthDayCounter() {
  const counts = new Map<number, BirthDay>();
  return {
    add(birthts: number, hasImage: boolean): void {
      const day = utcDay(birthts);
      const count = counts.get(day) ?? [day, 0, 0];
      count[1]++;
      if (hasImage) count[2]++;
      counts.set(day, count);
    },
    birthDays(): BirthDays {
      return birthDaysOf([...counts.values()].sort(([a], [b]) => a - b));
    },
  };
}

/** A part of `days`, as indexes: from the first up to before the end. */
export interface Stretch {
  first: number;
  end: number;
}

/** Those born within a filter's bounds. */
export function stretchOf(
  { days }: BirthDays,
  { bornFrom, bornBefore }: Pick<Filter, 'bornFrom' | 'bornBefore'>,
): Stretch {
  return {
    first: bornFrom === undefined ? 0 : firstNotBefore(days, utcDay(bornFrom)),
    end: bornBefore === undefined ? days.length : firstNotBefore(days, utcDay(bornBefore)),
  };
}

/** The running totals of all, of those with an image, or of those without. */
export const totalsOf = (born: BirthDays, hasImage: boolean | undefined): Float64Array =>
  hasImage === undefined ? born.users : hasImage ? born.withImage : born.withoutImage;

/** What running totals come to in a stretch. */
export const sumIn = (totals: Float64Array, { first, end }: Stretch): number =>
  end > first ? (totals[end] ?? 0) - (totals[first] ?? 0) : 0;

/** How many match a filter, of users whose names and ids matter no more. */
export const countMatching = (
  born: BirthDays,
  filter: Pick<Filter, 'hasImage' | 'bornFrom' | 'bornBefore'>,
): number => sumIn(totalsOf(born, filter.hasImage), stretchOf(born, filter));

/** The index of the first of ascending numbers that is `least` or more; their count when none is. */
export function firstNotBefore(ascending: Int32Array | Float64Array, least: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
