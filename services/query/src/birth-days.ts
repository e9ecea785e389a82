import { utcDay } from '@landfall/contracts/age';
import type { Filter } from './filters.ts';

/** How many were born on a UTC day, 0 being 1970-01-01, with an image or without. */
export interface BirthDay {
  birth_day: number;
  has_image: number;
  users: number;
}

/**
 * How many of a set of users were born up to each day. All figures are running totals, so that any stretch of days is
 * the difference of two.
 */
export interface BirthDays {
  /** Every day on which somebody was born, ascending. */
  days: Int32Array;
  /** `withImage[i]`: users with an image who were born before `days[i]`; one more entry at the end, for all. */
  withImage: Float64Array;
  withoutImage: Float64Array;
  /** Both of them. */
  users: Float64Array;
}

/** @param rows in ascending order of the day */
export function birthDaysOf(rows: readonly BirthDay[]): BirthDays {
  const days = Int32Array.from(new Set(rows.map(({ birth_day: day }) => day)));
  const totals = { with: new Float64Array(days.length + 1), without: new Float64Array(days.length + 1) };
  let at = 0;
  for (const [i, day] of days.entries()) {
    totals.with[i + 1] = totals.with[i] ?? 0;
    totals.without[i + 1] = totals.without[i] ?? 0;
    for (let row = rows[at]; row?.birth_day === day; row = rows[++at]) {
      const total = row.has_image ? totals.with : totals.without;
      total[i + 1] = (total[i + 1] ?? 0) + row.users;
    }
  }
  const users = totals.with.map((withImage, i) => withImage + (totals.without[i] ?? 0));
  return { days, withImage: totals.with, withoutImage: totals.without, users };
}

/** Counts users who come one by one, in any order. */
export function birthDayCounter() {
  const counts = new Map<number, [without: number, withImage: number]>();
  return {
    add(birthts: number, hasImage: boolean): void {
      const day = utcDay(birthts);
      const count = counts.get(day) ?? [0, 0];
      count[hasImage ? 1 : 0]++;
      counts.set(day, count);
    },
    birthDays(): BirthDays {
      const days = [...counts].sort(([a], [b]) => a - b);
      return birthDaysOf(
        days.flatMap(([birth_day, count]) =>
          count.map((users, has_image) => ({ birth_day, has_image, users })),
        ),
      );
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
