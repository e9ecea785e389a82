import type { At, Reader } from '../database/snapshot-reader.ts';
import { type BirthDays, birthDayCounter } from '../statistics/day-counts.ts';
import type { Plan } from './access-path.ts';
import { readUsers } from './rows.ts';
import type { Pace } from './scan-limits.ts';
import { BY_USER_ID } from './sort-order.ts';

/** Which users are to be counted by the day of their birth. */
export interface CountWanted {
  at: At;
  /** For the question's filter. */
  plan: Plan;
}

/**
 * How many of the users who match were born when, counted one by one; the only part of what is read.
 *
 * @throws ApiError generation_gone
 */
export async function* countBirthDays(
  reader: Reader,
  { at, plan }: CountWanted,
  pace: Pace,
): AsyncGenerator<BirthDays> {
  const counter = birthDayCounter();
  const order = { order: BY_USER_ID, from: undefined };
  for await (const rows of readUsers<[number, string]>(reader, at, plan, order, 'birthts, img_path', pace)) {
    for (const [, , birthts, image] of rows) counter.add(birthts, image !== '');
  }
  yield counter.birthDays();
}
