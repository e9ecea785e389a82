import type { User } from '@landfall/contracts/user';
import type { Piece } from '../src/walk-texts.ts';

/** Users as JSON, as a JSON array would have them. */
export const AS_JSON = { as: 'json', between: ',' } as const;

/** The users that were written so; each piece has as many as it says. */
export const usersOf = (pieces: readonly Piece[]): User[] =>
  pieces.flatMap(({ text, users }) => {
    const read: User[] = JSON.parse(`[${text}]`);
    if (read.length !== users) throw new Error(`${read.length} users instead of ${users}`);
    return read;
  });
