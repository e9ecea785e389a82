import type { Definition } from '@landfall/contracts/dataset/definition';
import { isUsers } from '@landfall/contracts/dataset/users';
import { PROBLEMS, type ProblemCode } from './api-error.ts';

/** Codes of errors about one row, with those of `users`. That API is older than the general codes. */
const CODES_OF_USERS = {
  row_not_found: 'user_not_found',
  companion_not_found: 'image_not_found',
  companion_unreadable: 'image_unreadable',
} as const satisfies Partial<Record<ProblemCode, ProblemCode>>;

/** The code of an error about one row in the API of a data set. */
export const rowProblemCode = (definition: Definition, code: keyof typeof CODES_OF_USERS): ProblemCode =>
  isUsers(definition) ? CODES_OF_USERS[code] : code;

/** Codes of answers that exist only when tokens are configured. */
const ACCESS_CODES: readonly string[] = ['unauthorized', 'forbidden'] satisfies ProblemCode[];

/** All codes in the API of a data set, without those of access control. */
export function problemCodes(definition: Definition): string[] {
  const others = isUsers(definition) ? Object.keys(CODES_OF_USERS) : Object.values<string>(CODES_OF_USERS);
  return Object.keys(PROBLEMS).filter((code) => !others.includes(code) && !ACCESS_CODES.includes(code));
}
