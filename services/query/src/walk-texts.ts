import type { Manifest } from '@landfall/contracts/manifest';
import { type Clause, clauseOf } from './conditions.ts';
import type { Reader } from './reader.ts';
import { ANYONE, edgeOfIds, validAt } from './select-users.ts';
import { firstWindow, type Steps } from './walk-users.ts';
import { WRITTEN, type Writing } from './written-users.ts';

/** Users one behind the other, as they are written in an answer; `between` them, and not around them. */
export interface Piece {
  text: Buffer;
  users: number;
  /** The id of the last of them. */
  last: string;
}

/** How users are written, and what stands between two of them. */
export interface Manner {
  as: Writing;
  between: string;
}

/** Read as text, so many users take the time of one. */
const AT_ONCE = 4;

/**
 * The users who match, as text, in the order of their ids: SQLite joins what it reads, so that a page is one value
 * and no user becomes an object on the way.
 *
 * @param after only those behind this user
 * @param limit so many at most
 */
export async function* walkTexts(
  reader: Reader,
  { at, conditions, tests, pace }: Steps & { at: Manifest },
  manner: Manner,
  after: string | undefined,
  limit: number,
): AsyncGenerator<Piece> {
  const most = { atATime: pace.atATime * AT_ONCE, window: pace.window.max * AT_ONCE };
  let [last, left] = [after, limit];
  let window = firstWindow({ tests, pace: { ...pace, atATime: Math.min(limit, most.atATime) } });
  for (;;) {
    const behind: Clause = last === undefined ? ANYONE : { sql: 'user_id > ?', values: [last] };
    const atMost = Math.min(left, most.atATime);
    const { piece, edge } = reader.at(at, () => {
      const edge = conditions.length > 0 ? edgeOfIds(reader, behind, window) : undefined;
      const upTo = edge === undefined ? ANYONE : { sql: 'user_id <= ?', values: [edge] };
      const where = [behind, upTo, clauseOf(conditions, 'test'), validAt(at)];
      return { piece: textOf(reader, where, manner, atMost), edge };
    });
    if (piece.users > 0) yield piece;
    left -= piece.users;
    last = piece.users === atMost ? piece.last : edge;
    if (last === undefined || left === 0) return;
    window = Math.min(window * 2, most.window);
    await new Promise(setImmediate);
  }
}

function textOf(reader: Reader, where: readonly Clause[], { as, between }: Manner, limit: number): Piece {
  const [row] = reader.rows<[users: number, last: string, text: Buffer]>(
    `SELECT count(*), max(user_id), CAST(group_concat(text, ?) AS BLOB) FROM (
       SELECT user_id, ${WRITTEN[as]} AS text FROM users
       WHERE ${where.map(({ sql }) => sql).join(' AND ')} ORDER BY user_id LIMIT ?)`,
    between,
    ...where.flatMap(({ values }) => values),
    limit,
  );
  const [users = 0, last = '', text = Buffer.alloc(0)] = row ?? [];
  return { users, last, text };
}
