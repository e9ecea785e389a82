import { NAMES } from '../../scripts/seed-data/names.ts';
import { randomFrom } from '../../scripts/seed-data/random.ts';

/** A person with generated values. */
export interface Person {
  first: string;
  last: string;
  /** Ms since 1970 UTC. */
  birthts: number;
  hasImage: boolean;
  /** From 0 to below 1000: in what shape the record is. */
  shape: number;
}

/** A fixed seed: every benchmark uses the same people. */
const SEED = 20_260_601;
/** One of this many people has an image, on average. */
const IMAGE_SHARE = 0.6;
/** Years 1930 to 2024, ms since 1970 UTC. */
const [FIRST_BIRTH, LAST_BIRTH] = [Date.UTC(1930, 0), Date.UTC(2024, 0)];

/** Generates `count` people, the same ones in every call. */
export function* people(count: number): Iterable<Person> {
  const random = randomFrom(SEED);
  for (let i = 0; i < count; i++) {
    const [[first], [, last]] = [nameAt(random()), nameAt(random())];
    const birthts = FIRST_BIRTH + Math.floor(random() * (LAST_BIRTH - FIRST_BIRTH));
    yield { first, last, birthts, hasImage: random() < IMAGE_SHARE, shape: random() * 1_000 };
  }
}

const nameAt = (share: number): readonly [first: string, last: string] =>
  NAMES[Math.floor(share * NAMES.length)] ?? ['Ada', 'Lovelace'];
