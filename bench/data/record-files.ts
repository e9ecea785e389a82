import { type Person, people } from './people.ts';

/** The files of a made-up user. */
export interface UserFiles {
  id: string;
  record: string;
  hasImage: boolean;
}

const HEADER = 'first_name, last_name, birthts\n';

/**
 * Generates the files of `users` users, the same ones in every call. Of a thousand records, five are quoted, three have CRLF or
 * a byte-order mark, and one is broken. All others are plain.
 */
export function* userFiles(users: number): Iterable<UserFiles> {
  let id = 1_000;
  for (const person of people(users)) {
    yield { id: String(id++), record: written(person), hasImage: person.hasImage };
  }
}

/** A good record. */
export const plainRecord = (birthts: number): string => `${HEADER}Ada, Lovelace, ${birthts}\n`;

function written({ first, last, birthts, shape }: Person): string {
  const plain = `${HEADER}${first}, ${last}, ${birthts}\n`;
  if (shape < 5) return `${HEADER}"${first}", "${last}, Jr.", ${birthts}\n`;
  if (shape < 7) return plain.replaceAll('\n', '\r\n');
  if (shape < 8) return `\ufeff${plain}`;
  return shape < 9 ? HEADER : plain;
}
