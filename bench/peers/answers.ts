import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

/** A row in an answer. A missing image is null, absent, or an empty text, depending on the program. */
const Users = Compile(
  Type.Array(
    Type.Object({
      user_id: Type.String(),
      first_name: Type.String(),
      last_name: Type.String(),
      birthts: Type.Integer(),
      img_path: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    }),
  ),
);
/** Number of matching rows and mean of their births, ms since 1970 UTC. Some programs answer it as a one-row result. */
const Mean = Type.Object({ count: Type.Integer(), mean: Type.Number() });
const Means = Compile(Type.Union([Mean, Type.Tuple([Mean])]));
const Ages = Compile(Type.Object({ count: Type.Integer(), average_age: Type.Number() }));

/** Tolerance of a mean of births, ms: a double cannot hold their exact sum. */
const ROUNDED_MS = 100;

/**
 * Returns each row of an answer as a text that is equal for all programs.
 *
 * @throws Error when the answer has another form
 */
export function usersIn(answer: Buffer): string[] {
  return parsed(Users, answer).map(({ user_id, first_name, last_name, birthts, img_path }) =>
    JSON.stringify([user_id, first_name, last_name, birthts, img_path || null]),
  );
}

/** Returns the births in an answer, ms since 1970 UTC. */
export const birthsIn = (answer: Buffer): number[] => parsed(Users, answer).map(({ birthts }) => birthts);

/** Landfall's statistics. */
export const agesIn = (answer: Buffer) => parsed(Ages, answer);

/** Whether an answer is the mean of these births, and their number. */
export function isMeanOfBirths(answer: Buffer, births: readonly number[]): boolean {
  const { count, mean } = [parsed(Means, answer)].flat()[0] ?? { count: 0, mean: Number.NaN };
  const sum = births.reduce((sum, birth) => sum + birth, 0);
  return count === births.length && isNear(mean, sum / births.length, ROUNDED_MS);
}

export const isNear = (a: number, b: number, within: number): boolean => Math.abs(a - b) <= within;

/** Returns an order-independent fingerprint of rows. */
export function fingerprint(users: readonly string[]): string {
  const hash = createHash('sha256');
  for (const user of users.toSorted()) hash.update(user);
  return hash.digest('hex');
}

interface Reader<Value> {
  Check: (value: unknown) => value is Value;
}

function parsed<Value>(reader: Reader<Value>, answer: Buffer): Value {
  const text = answer.toString();
  const value: unknown = JSON.parse(text);
  if (reader.Check(value)) return value;
  throw new Error(`the answer is something else: ${text.slice(0, 200)}`);
}
