import { USERS, type User } from '@landfall/contracts/dataset/users';
import { keyOrder } from '../../src/search/sort-order.ts';
import type { RowChunk, SerializedChunk } from '../../src/serialize/serialized-chunk.ts';
import { withoutFirstSeparator } from '../../src/serialize/text-format.ts';

export const BY_USER_ID = keyOrder(USERS);

/** The rows of chunks as one text, with separators between the rows. */
export const textOf = (chunks: readonly SerializedChunk[]): string =>
  withoutFirstSeparator(Buffer.concat(chunks.map(({ text }) => text))).toString();

/** The users in chunks of JSON. Throws when there are not as many as the chunks say. */
export function usersOf(chunks: readonly RowChunk[]): User[] {
  const users: User[] = JSON.parse(`[${textOf(chunks)}]`);
  const count = chunks.reduce((sum, { rows }) => sum + rows, 0);
  if (users.length !== count) throw new Error(`${users.length} users instead of ${count}`);
  return users;
}
