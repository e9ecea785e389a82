import type { User } from '@landfall/contracts/user';
import type { DataSet } from '../src/data-set.ts';

/** Users as JSON, as a JSON array would have them. */
export const AS_JSON = { as: 'json', between: ',' } as const;

/** The users that were written so. */
export async function usersIn(pieces: ReturnType<DataSet['users']>): Promise<User[]> {
  const users: User[] = [];
  for await (const { text } of pieces) users.push(...JSON.parse(`[${text}]`));
  return users;
}
