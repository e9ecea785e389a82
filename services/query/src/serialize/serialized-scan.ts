import { ROWS_TABLE } from '../database/identifiers.ts';
import { type At, COUNT, type Reader } from '../database/snapshot-reader.ts';
import { type Clause, validAt } from '../database/visibility.ts';
import { clauseOf } from '../filter/predicates.ts';
import { firstWindow, type Steps } from '../search/ordered-scan.ts';
import { ANYONE, behind, fromOn } from '../search/row-sql.ts';
import type { Milestones } from '../search/split-points.ts';
import { WRITTEN, type Writing } from './row-serializer.ts';
import { PAGE_BYTES, rowsThatFit, type Written } from './serialized-chunk.ts';

type Text = Written['text'];

/** Users one behind the other, as they are written in an answer. */
export interface Piece extends Written {
  users: number;
  /** Who comes next, when that is known because no more were wanted. */
  next: string | undefined;
}

/** How users are written, and what stands between two of them. */
export interface Manner {
  as: Writing;
  between: string;
}

/** Those who are only looked at take even less. */
const PASSED_BY = 4;

/**
 * The users who match, as text, in the order of their ids: SQLite joins what it reads, so that a page is one value
 * and no user becomes an object on the way.
 *
 * @param from the user to begin with; undefined for the first
 * @param limit at most, users; where it is finite, fewer when they take more than `PAGE_BYTES`
 */
export async function* walkTexts(
  reader: Reader,
  { at, conditions, tests, pace, milestones }: Steps & { at: At; milestones: Milestones },
  manner: Manner,
  from: string | undefined,
  limit: number,
): AsyncGenerator<Piece> {
  const { min } = pace.window;
  const max = pace.window.max * PASSED_BY;
  let before = '';
  let position = from;
  let onwards = from === undefined ? ANYONE : fromOn(from);
  let left = limit;
  let bytes = 0;
  let atATime = pace.atATime;
  let window = firstWindow({ tests, atATime: Math.min(limit, atATime), min, max });
  for (;;) {
    // One more than are wanted begins the next page.
    const atMost = Math.min(left + 1, atATime);
    const { found, edge } = reader.at(at, () => {
      const edge = conditions.length > 0 ? milestones.beyond(position, window) : undefined;
      const upTo = edge === undefined ? ANYONE : { sql: 'user_id <= ?', values: [edge] };
      const where = [onwards, upTo, clauseOf(conditions, 'test'), validAt(at)];
      return { found: find(reader, where, before, manner, atMost), edge };
    });
    // The first read does not know yet how large users are.
    if (found.users > 1 && found.text.length > PAGE_BYTES) {
      atATime = rowsThatFit(found.users, found.text);
      continue;
    }
    if (found.users > left) {
      const text = withoutLast(found, manner, () => bytesOf(reader, at, manner.as, found.last));
      yield { text, users: left, next: found.last };
      return;
    }
    const isFull = found.users === atMost;
    if (isFull) {
      // The first read shows how large users are.
      atATime = Math.min(atATime * 2, rowsThatFit(found.users, found.text));
    }
    if (found.users > 0) yield { text: found.text, users: found.users, next: undefined };
    if (found.users > 0) before = manner.between;
    bytes += found.text.length;
    left = Number.isFinite(limit) && bytes > PAGE_BYTES ? 0 : left - found.users;
    const last = isFull ? found.last : edge;
    if (last === undefined) return;
    position = last;
    onwards = behind(last);
    window = Math.min(window * 2, max);
    await new Promise(setImmediate);
  }
}

/** What one read found. */
interface Found {
  users: number;
  /** The id of the last of them. */
  last: string;
  text: Text;
}

function find(
  reader: Reader,
  where: readonly Clause[],
  before: string,
  { as, between }: Manner,
  limit: number,
): Found {
  const [row] = reader.rows<[users: number, last: string | null, text: Text | null]>(
    `SELECT count(*), max(user_id), CAST(? || group_concat(text, ?) AS BLOB) FROM (
       SELECT user_id, ${WRITTEN[as]} AS text FROM ${ROWS_TABLE}
       WHERE ${where.map(({ sql }) => sql).join(' AND ')} ORDER BY user_id LIMIT ${COUNT})`,
    before,
    between,
    ...where.flatMap(({ values }) => values),
    limit,
  );
  const [users = 0, last, text] = row ?? [];
  return { users, last: last ?? '', text: text ?? Buffer.alloc(0) };
}

function withoutLast({ users, text }: Found, { between }: Manner, lastBytes: () => number): Text {
  return users === 1 ? Buffer.alloc(0) : text.subarray(0, text.length - lastBytes() - between.length);
}

/** How many bytes one user takes: to ask this of each of them would cost a fifth of a page's time. */
function bytesOf(reader: Reader, at: At, as: Writing, userId: string): number {
  const { sql, values } = validAt(at);
  const [[bytes] = [0]] = reader.at(at, () =>
    reader.rows<[number]>(
      `SELECT octet_length(${WRITTEN[as]}) FROM ${ROWS_TABLE} WHERE user_id = ? AND ${sql}`,
      userId,
      ...values,
    ),
  );
  return bytes;
}
