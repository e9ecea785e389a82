import type { At, Reader } from '../database/snapshot-reader.ts';
import type { Plan } from '../search/access-path.ts';
import { type Question, readUsers } from '../search/rows.ts';
import type { Pace } from '../search/scan-limits.ts';
import { isByUserId } from '../search/sort-order.ts';
import type { Milestones } from '../search/split-points.ts';
import { WRITTEN } from './row-serializer.ts';
import { bytesOf, PAGE_BYTES, rowsThatFit } from './serialized-chunk.ts';
import { type Manner, type Piece, walkTexts } from './serialized-scan.ts';

/** Which users of which generation are to be written, and how. */
export interface Wanted extends Pick<Question, 'order' | 'from'> {
  at: At;
  /** For the question's filter. */
  plan: Plan;
  manner: Manner;
  /** At most, users; where it is finite, fewer when they take more than `PAGE_BYTES`. */
  limit: number;
}

/**
 * The users of one generation who match, in order, as they are written in an answer, some at a time.
 *
 * @throws ApiError generation_gone; bad_parameter when there is no user to begin behind
 */
export async function* writeUsers(
  reader: Reader,
  milestones: Milestones,
  { at, plan, order, from, manner, limit }: Wanted,
  pace: Pace,
): AsyncGenerator<Piece> {
  if (plan.way === 'walk' && isByUserId(order)) {
    yield* walkTexts(reader, { at, ...plan, pace, milestones }, manner, from, limit);
    return;
  }
  const isPage = Number.isFinite(limit);
  let left = limit;
  let bytes = 0;
  let before = '';
  // One more than are wanted begins the next page.
  const atMost = limit + 1;
  const few = { ...pace, atATime: Math.min(pace.atATime, atMost) };
  const text = WRITTEN[manner.as];
  for await (const rows of readUsers<[string]>(reader, at, plan, { order, from }, text, few, atMost)) {
    const wanted = rows.slice(0, left).map(([, , text]) => text);
    const texts = isPage ? wanted.slice(0, untilFull(wanted, PAGE_BYTES - bytes)) : wanted;
    if (texts.length < wanted.length) left = texts.length;
    const next = rows[left]?.[1];
    left -= texts.length;
    if (texts.length > 0 || next !== undefined) {
      const joined = bytesOf(texts.length > 0 ? before + texts.join(manner.between) : '');
      // For the next step: how large users are is known only now.
      const fitting = texts.length > 0 ? rowsThatFit(texts.length, joined) : pace.atATime;
      bytes += joined.length;
      if (isPage && bytes > PAGE_BYTES) left = 0;
      few.atATime = Math.min(pace.atATime, left + 1, fitting);
      yield { text: joined, users: texts.length, next };
      before = manner.between;
    }
    if (next !== undefined) return;
  }
}

/** How many texts are longer than `bytes` together, about: at least one, and all where they are not. */
function untilFull(texts: readonly string[], bytes: number): number {
  let sum = 0;
  const last = texts.findIndex(({ length }) => {
    sum += length;
    return sum > bytes;
  });
  return last === -1 ? texts.length : last + 1;
}
