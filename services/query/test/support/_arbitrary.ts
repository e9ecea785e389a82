import type { User } from '@landfall/contracts/dataset/users';
import fc from 'fast-check';
import type { QueryParameters } from './_naive.ts';

const DAY = 86_400_000;

/** Clocks on and around leap days. */
export const NOWS = [
  '2026-11-24T12:00:00.000Z',
  '2024-02-29T00:00:00.000Z',
  '2023-02-28T23:59:59.999Z',
  '2025-03-01T00:00:00.000Z',
].map((iso) => Date.parse(iso));

/** Births at the edges: around the birthdays at each clock, around 29 February and around 1970. */
export const BIRTHS: readonly number[] = [
  ...[0, -1, 1, -DAY, DAY - 1],
  ...NOWS.flatMap((now) => {
    const date = new Date(now);
    return [1, 4, 17, 18, 30, 56, 57, 100].flatMap((age) =>
      [-1, 0, 1].map((days) =>
        Date.UTC(date.getUTCFullYear() - age, date.getUTCMonth(), date.getUTCDate() + days),
      ),
    );
  }),
  ...[1904, 1968, 2000, 2004, 2020].flatMap((year) => [-1, 0, 1].map((days) => Date.UTC(year, 1, 29 + days))),
].filter((birth) => birth < Math.min(...NOWS));

const IDS = [
  '0001',
  '1',
  '10',
  '9',
  'A',
  'Z',
  'a',
  'a b',
  'a%2',
  'é',
  '漢',
  '\ufffd',
  '😀',
  '\u{10ffff}',
  ...'abcdefghijkl'.split('').map((letter) => `x${letter}`),
];
const NAMES = [
  'Ada',
  'Adam',
  'ada',
  'Ad',
  'A',
  'Ad\u{10ffff}',
  'Ae',
  '\ud7ff',
  '\ue000',
  '😀',
  'O"Hara, x',
  'B*',
];

const user = (user_id: string): fc.Arbitrary<User> =>
  fc.record({
    user_id: fc.constant(user_id),
    first_name: fc.constantFrom(...NAMES),
    last_name: fc.constantFrom('One', 'Two'),
    birthts: fc.constantFrom(...BIRTHS),
    img_path: fc.constantFrom(null, null, `src-data/${user_id}.png`, 'src-data/shared.png'),
  });

/** Users in byte order of their ids. */
export const users: fc.Arbitrary<User[]> = fc
  .tuple(
    ...IDS.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map((id) =>
      fc.option(user(id)),
    ),
  )
  .map((each) => each.filter((one) => one !== null));

const age = fc.oneof(
  fc.constantFrom(0, 1, 4, 17, 18, 30, 56, 57, 100, 150),
  fc.integer({ min: 0, max: 150 }),
);
const day = fc
  .constantFrom(...BIRTHS, Date.UTC(2030, 0, 1))
  .map((ms) => new Date(ms).toISOString().slice(0, 10));
const name = fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom('', '*')).map(([text, star]) => text + star);

/** Rarely a value: with all conditions at once, no user would match. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const FIELDS = ['user_id', 'first_name', 'last_name', 'birthts', 'img_path'];

/** Any valid filter and sort parameters. */
export const queryParameters: fc.Arbitrary<QueryParameters> = fc
  .record({
    is_image_exists: rarely(fc.boolean()),
    min_age: rarely(age),
    max_age: rarely(age),
    born_after: rarely(day),
    born_before: rarely(day),
    user_id: rarely(fc.array(fc.constantFrom(...IDS, 'nobody'), { minLength: 1, maxLength: 8 })),
    first_name: rarely(fc.oneof(name, fc.constant('*'))),
    last_name: rarely(fc.constantFrom('One', 'T*', 'Three')),
    sort: fc.constantFrom(undefined, ...FIELDS.flatMap((each) => [each, `-${each}`])),
  })
  .filter(({ min_age: min = 0, max_age: max = 150 }) => min <= max)
  .filter(({ born_after: after = '', born_before: before = '9' }) => after < before)
  .map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
