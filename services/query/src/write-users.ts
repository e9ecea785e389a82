import type { Manifest } from '@landfall/contracts/manifest';
import type { Milestones } from './milestones.ts';
import type { Pace } from './pace.ts';
import type { Plan } from './plan.ts';
import { type Question, readUsers } from './read-users.ts';
import type { Reader } from './reader.ts';
import { isByUserId } from './sort-order.ts';
import { type Manner, type Piece, walkTexts } from './walk-texts.ts';
import { WRITTEN } from './written-users.ts';

/**
 * The users of one generation who match, in order, as they are written in an answer, some at a time.
 *
 * @param plan for the question's filter
 * @param limit so many at most
 * @throws ApiError generation_gone; bad_parameter when there is no user to begin behind
 */
export async function* writeUsers(
  reader: Reader,
  milestones: Milestones,
  at: Manifest,
  plan: Plan,
  { order, from }: Pick<Question, 'order' | 'from'>,
  manner: Manner,
  limit: number,
  pace: Pace,
): AsyncGenerator<Piece> {
  if (plan.way === 'walk' && isByUserId(order)) {
    yield* walkTexts(reader, { at, ...plan, pace, milestones }, manner, from, limit);
    return;
  }
  let left = limit;
  let before = '';
  const few = { ...pace, atATime: Math.min(pace.atATime, limit + 1) };
  for await (const rows of readUsers<[string]>(reader, at, plan, { order, from }, WRITTEN[manner.as], few)) {
    const texts = rows.slice(0, left).map(([, , text]) => text);
    const next = rows[left]?.[1];
    left -= texts.length;
    if (texts.length > 0 || next !== undefined) {
      const text = texts.length > 0 ? before + texts.join(manner.between) : '';
      yield { text: Buffer.from(text), users: texts.length, next };
      before = manner.between;
    }
    if (next !== undefined) return;
  }
}
