import type { Manifest } from '@landfall/contracts/manifest';
import { User } from '@landfall/contracts/user';
import { type Static, Type } from 'typebox';
import type { Reader } from './reader.ts';
import { WRITTEN } from './written-users.ts';

export const Change = Type.Object(
  {
    change: Type.Enum(['added', 'updated', 'removed']),
    generation: Type.Integer({ minimum: 1, description: 'in which it last changed' }),
    user_id: Type.String(),
    user: Type.Union([User, Type.Null()], { description: 'as it is now; null when it was removed' }),
  },
  { title: 'Change' },
);
export type Change = Static<typeof Change>;

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

/**
 * What is otherwise at one generation than at an earlier one, some at a time, each as the text of a JSON object: each
 * user once, in the order in which they last changed. Who has changed back is not among them.
 *
 * @param atATime so many changes are read at a time; then others get their turn
 * @throws ApiError generation_gone when one of the two is not kept any more
 */
export async function* readChanges(
  reader: Reader,
  since: Manifest,
  at: Manifest,
  atATime: number,
): AsyncGenerator<string[]> {
  const [from, to] = [since.generation, at.generation];
  let last: [generation: number, userId: string] = [from + 1, ''];
  for (;;) {
    const position = last;
    const entries = reader.at(at, () =>
      reader.at(since, () =>
        reader.rows<Entry>(ENTRIES, from, from, to, to, to, to, ...position, to, atATime),
      ),
    );
    yield entries.flatMap((entry) => textOf(entry) ?? []);
    const end = entries.at(-1);
    if (!end || entries.length < atATime) return;
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
