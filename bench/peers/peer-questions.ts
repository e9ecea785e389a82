import { MS_PER_DAY, utcDay } from '@landfall/contracts/dataset/age';
import { randomFrom } from '../../scripts/seed-data/random.ts';
import { userIdAt } from '../data/dataset.ts';

/** Births from the beginning of one UTC day to before that of another, 0 being 1970-01-01. */
export interface Window {
  fromDay: number;
  beforeDay: number;
}

/** The first users, by `user_id`, behind one of them, who were born in a window. */
export interface PageQuestion extends Window {
  after: string;
}

/** The mean of those who were born in a window, and how many they are. */
export type MeanQuestion = Window;

/** Users a page. */
export const LIMIT = 100;
/** The days that the users of the data set are born on. */
const [FIRST_DAY, LAST_DAY] = [utcDay(Date.UTC(1930, 0)), utcDay(Date.UTC(2024, 0))];
const YEAR = 365;

/** Pages behind random users, born in 20 to 60 random years; always the same ones for a seed. */
export function pageQuestions(users: number, count: number, seed: number): PageQuestion[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => ({
    ...randomWindow(random, 20 * YEAR, 60 * YEAR),
    after: userIdAt(Math.floor(random() * users)),
  }));
}

/** Means of those born in 1 to 80 random years; always the same ones for a seed. */
export function meanQuestions(count: number, seed: number): MeanQuestion[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => randomWindow(random, YEAR, 80 * YEAR));
}

/** The bounds of a window, ms since 1970 UTC: from the first, before the second. */
export const boundsOf = ({ fromDay, beforeDay }: Window): [from: number, before: number] => [
  fromDay * MS_PER_DAY,
  beforeDay * MS_PER_DAY,
];

function randomWindow(random: () => number, shortest: number, longest: number): Window {
  const days = shortest + Math.floor(random() * (longest - shortest));
  const fromDay = FIRST_DAY + Math.floor(random() * (LAST_DAY - FIRST_DAY - days));
  return { fromDay, beforeDay: fromDay + days };
}
