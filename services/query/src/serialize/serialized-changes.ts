import type { At, Reader } from '../database/snapshot-reader.ts';
import { WRITTEN } from './row-serializer.ts';
import { rowsThatFit, type Written, written } from './serialized-chunk.ts';

type Entry = [generation: number, userId: string, before: string | null, now: string | null, isLast: 0 | 1];

/** A user's JSON at a generation. */
const USER_AT = `SELECT ${WRITTEN.json} FROM users u
  WHERE u.user_id = c.user_id AND u.valid_from <= ? AND u.valid_until > ?`;
/** A user who changes again has a version that begins or ends later. */
const CHANGES_AGAIN = `SELECT 1 FROM users u WHERE u.user_id = c.user_id AND
  ((u.valid_from > c.generation AND u.valid_from <= ?) OR (u.valid_until > c.generation AND u.valid_until <= ?))`;
const ENTRIES = `
  SELECT c.generation, c.user_id, (${USER_AT}), (${USER_AT}), NOT EXISTS (${CHANGES_AGAIN})
  FROM changes c WHERE (c.generation, c.user_id) > (?, ?) AND c.generation <= ?
  ORDER BY c.generation, c.user_id LIMIT ?`;

/** Which changes are to be written. */
export interface ChangesWanted {
  since: At;
  at: At;
  /** What stands between two changes. */
  between: string;
}

/**
 * What is otherwise at one generation than at an earlier one, some at a time, each as a JSON object: each user once, in
 * the order in which they last changed. Who has changed back is not among them.
 *
 * @param atATime changes per read, at most
 * @throws ApiError generation_gone when one of the two is not kept any more
 */
export async function* writeChanges(
  reader: Reader,
  { since, at, between }: ChangesWanted,
  atATime: number,
): AsyncGenerator<Written> {
  const [from, to] = [since.generation, at.generation];
  let last: [generation: number, userId: string] = [from + 1, ''];
  let isFirst = true;
  let fitting = atATime;
  for (;;) {
    const [position, count] = [last, fitting];
    const entries = reader.at(at, () =>
      reader.at(since, () => reader.rows<Entry>(ENTRIES, from, from, to, to, to, to, ...position, to, count)),
    );
    const texts = entries.flatMap((entry) => textOf(entry) ?? []);
    if (texts.length > 0) {
      const piece = written(texts, between, isFirst);
      fitting = Math.min(atATime, rowsThatFit(texts.length, piece.text));
      isFirst = false;
      yield piece;
    }
    const end = entries.at(-1);
    if (!end || entries.length < count) return;
    last = [end[0], end[1]];
    await new Promise(setImmediate);
  }
}

function textOf([generation, userId, before, now, isLast]: Entry): string | undefined {
  if (!isLast || before === now) return undefined;
  const change = before === null ? 'added' : now === null ? 'removed' : 'updated';
  const id = JSON.stringify(userId);
  return `{"change":"${change}","generation":${generation},"user_id":${id},"user":${now}}`;
}
