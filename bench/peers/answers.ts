import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

/** Users as programs answer them; one without an image has null there, nothing, or an empty text. */
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
/** How many users match, and the mean of their births, ms since 1970 UTC; of some it is the one row of a result. */
const Mean = Type.Object({ count: Type.Integer(), mean: Type.Number() });
const Means = Compile(Type.Union([Mean, Type.Tuple([Mean])]));
const Ages = Compile(Type.Object({ count: Type.Integer(), average_age: Type.Number() }));

/** What a mean of births may be off by, ms: their sum is too long for a double. */
const ROUNDED_MS = 100;

/**
 * Each user of an answer as one text, the same whichever program answered.
 *
 * @throws Error when the answer is something else
 */
export function usersIn(answer: Buffer): string[] {
  return parsed(Users, answer).map(({ user_id, first_name, last_name, birthts, img_path }) =>
    JSON.stringify([user_id, first_name, last_name, birthts, img_path || null]),
  );
}

/** The births of the users of an answer, ms since 1970 UTC. */
export const birthsIn = (answer: Buffer): number[] => parsed(Users, answer).map(({ birthts }) => birthts);

/** Landfall's figures. */
export const agesIn = (answer: Buffer) => parsed(Ages, answer);

/** Whether an answer is the mean of these births, and their number. */
export function isMeanOfBirths(answer: Buffer, births: readonly number[]): boolean {
  const { count, mean } = [parsed(Means, answer)].flat()[0] ?? { count: 0, mean: Number.NaN };
  const sum = births.reduce((sum, birth) => sum + birth, 0);
  return count === births.length && isNear(mean, sum / births.length, ROUNDED_MS);
}

export const isNear = (a: number, b: number, within: number): boolean => Math.abs(a - b) <= within;

/** The same for the same users, in whatever order. */
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
