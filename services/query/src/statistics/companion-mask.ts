import type { Companion, Definition } from '@landfall/contracts/dataset/definition';

/**
 * A companion mask says which companions a row has: bit `i` is the `i`-th companion of the definition. A mask passes the test
 * when its `bits` have this `value`.
 */
export interface CompanionTest {
  bits: number;
  value: number;
}

/** The test for companions that a row must have (true) or must not have (false), by name; others are not tested. */
export function companionTest(
  { companions }: Definition,
  wanted: ReadonlyMap<string, boolean>,
): CompanionTest {
  const test = { bits: 0, value: 0 };
  if (wanted.size === 0) return test;
  for (const [bit, { name }] of companions.entries()) {
    const exists = wanted.get(name);
    if (exists !== undefined) test.bits |= 1 << bit;
    if (exists) test.value |= 1 << bit;
  }
  return test;
}

/** The same test for rows that also have this companion; undefined when no row passes both. */
export function withCompanion(
  { companions }: Definition,
  { bits, value }: CompanionTest,
  companion: Companion,
): CompanionTest | undefined {
  const bit = 1 << companions.indexOf(companion);
  if (bits & bit && !(value & bit)) return undefined;
  return { bits: bits | bit, value: value | bit };
}
