import { CHANGES_TABLE, ROWS_TABLE, VALID_FROM, VALID_UNTIL } from '../database/identifiers.ts';
import type { At, Reader } from '../database/snapshot-reader.ts';
import { WRITTEN } from './row-serializer.ts';
import { rowsThatFit, type Written, written } from './serialized-chunk.ts';

type Entry = [generation: number, userId: string, before: string | null, now: string | null, isLast: 0 | 1];

/** A user's JSON at a generation. */
const USER_AT = `SELECT ${WRITTEN.json} FROM ${ROWS_TABLE} u
  WHERE u.user_id = c.id AND u.${VALID_FROM} <= ? AND u.${VALID_UNTIL} > ?`;
/** A user who changes again has a version that begins or ends later. */
const CHANGES_AGAIN = `SELECT 1 FROM ${ROWS_TABLE} u WHERE u.user_id = c.id AND
  ((u.${VALID_FROM} > c.generation AND u.${VALID_FROM} <= ?) OR (u.${VALID_UNTIL} > c.generation AND u.${VALID_UNTIL} <= ?))`;
const ENTRIES = `
  SELECT c.generation, c.id, (${USER_AT}), (${USER_AT}), NOT EXISTS (${CHANGES_AGAIN})
  FROM ${CHANGES_TABLE} c WHERE (c.generation, c.id) > (?, ?) AND c.generation <= ?
  ORDER BY c.generation, c.id LIMIT ?`;

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
