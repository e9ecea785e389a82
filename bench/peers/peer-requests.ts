import { MS_PER_DAY, utcDay } from '@landfall/contracts/dataset/age';
import { randomFrom } from '../../scripts/seed-data/random.ts';
import { rowIdAt } from '../data/row-ids.ts';

/** Births from the beginning of one UTC day to before that of another, 0 being 1970-01-01. */
export interface Window {
  fromDay: number;
  beforeDay: number;
}

/** The first rows after an id, ordered by `user_id`, born in a range. */
export interface PageQuery extends Window {
  after: string;
}

/** The mean and the number of rows born in a range. */
export type MeanQuery = Window;

/** Users a page. */
export const LIMIT = 100;
/** The range of births in the data set. */
const [FIRST_DAY, LAST_DAY] = [utcDay(Date.UTC(1930, 0)), utcDay(Date.UTC(2024, 0))];
const YEAR = 365;

/** Generates pages after random rows, born in a range of 20 to 60 years; deterministic for a seed. */
export function pageQueries(users: number, count: number, seed: number): PageQuery[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => ({
    ...randomWindow(random, 20 * YEAR, 60 * YEAR),
    after: rowIdAt(Math.floor(random() * users)),
  }));
}

/** Generates means over ranges of 1 to 80 years; deterministic for a seed. */
export function meanQueries(count: number, seed: number): MeanQuery[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => randomWindow(random, YEAR, 80 * YEAR));
}

/** Returns the bounds of a range, ms since 1970 UTC: inclusive and exclusive. */
export const boundsOf = ({ fromDay, beforeDay }: Window): [from: number, before: number] => [
  fromDay * MS_PER_DAY,
  beforeDay * MS_PER_DAY,
];

function randomWindow(random: () => number, shortest: number, longest: number): Window {
  const days = shortest + Math.floor(random() * (longest - shortest));
  const fromDay = FIRST_DAY + Math.floor(random() * (LAST_DAY - FIRST_DAY - days));
  return { fromDay, beforeDay: fromDay + days };
}
