import type { User } from '@landfall/contracts/dataset/users';
import type { Piece } from '../../src/serialize/serialized-scan.ts';

/** Users as JSON, as a JSON array would have them. */
export const AS_JSON = { as: 'json', between: ',' } as const;

/** The users that were written so; there are as many as the pieces say. */
export function usersOf(pieces: readonly Piece[]): User[] {
  const read: User[] = JSON.parse(`[${pieces.map(({ text }) => text).join('')}]`);
  const said = pieces.reduce((sum, { users }) => sum + users, 0);
  if (read.length !== said) throw new Error(`${read.length} users instead of ${said}`);
  return read;
}
