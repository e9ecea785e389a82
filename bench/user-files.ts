import { NAMES } from '../scripts/seed-data/names.ts';
import { randomFrom } from '../scripts/seed-data/random.ts';

/** The files of a made-up user. */
export interface UserFiles {
  id: string;
  record: string;
  hasImage: boolean;
}

/** Whoever is benchmarked reads the same files. */
const SEED = 20_260_601;
/** Of so many users one has an image, on average. */
const IMAGE_SHARE = 0.6;
/** Years 1930 to 2024, ms since 1970 UTC. */
const [FIRST_BIRTH, LAST_BIRTH] = [Date.UTC(1930, 0), Date.UTC(2024, 0)];
const HEADER = 'first_name, last_name, birthts\n';

/**
 * So many users, always the same ones. Nearly all records are plain, as they come; of a thousand, five are quoted,
 * three have CRLF or a byte-order mark, and one is broken.
 */
export function* userFiles(users: number): Iterable<UserFiles> {
  const random = randomFrom(SEED);
  for (let i = 0; i < users; i++) {
    const [[first], [, last]] = [nameAt(random()), nameAt(random())];
    const birthts = FIRST_BIRTH + Math.floor(random() * (LAST_BIRTH - FIRST_BIRTH));
    const hasImage = random() < IMAGE_SHARE;
    yield { id: String(1_000 + i), record: written(first, last, birthts, random() * 1_000), hasImage };
  }
}

/** A good record. */
export const plainRecord = (birthts: number): string => `${HEADER}Ada, Lovelace, ${birthts}\n`;

const nameAt = (share: number): readonly [first: string, last: string] =>
  NAMES[Math.floor(share * NAMES.length)] ?? ['Ada', 'Lovelace'];

function written(first: string, last: string, birthts: number, shape: number): string {
  const plain = `${HEADER}${first}, ${last}, ${birthts}\n`;
  if (shape < 5) return `${HEADER}"${first}", "${last}, Jr.", ${birthts}\n`;
  if (shape < 7) return plain.replaceAll('\n', '\r\n');
  if (shape < 8) return `\ufeff${plain}`;
  return shape < 9 ? HEADER : plain;
}
