import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Filter } from '../../filter/filter.ts';
import { matchesTerm } from '../../filter/matches-term.ts';
import { type Dimension, dimensionsOf } from './dimensions.ts';

/** Which groups are counted. */
export interface GroupTest {
  /** The allowed codes of a dimension. Other dimensions are not restricted. */
  allowed: readonly (readonly [Dimension, codes: readonly number[]])[];
  /** A text that only equal tests have. */
  key: string;
}

const ALL_GROUPS: GroupTest = { allowed: [], key: '' };

/** The groups that a filter allows. Restrictions on other columns are left out. */
export function groupTest(definition: Definition, filter: Filter): GroupTest {
  let test = ALL_GROUPS;
  if (filter.companions.size === 0 && filter.fields.size === 0) return test;
  for (const dimension of dimensionsOf(definition)) {
    const codes = allowedCodes(dimension, filter);
    if (codes) test = withCodes(test, dimension, codes);
  }
  return test;
}

/** The codes that a filter allows; undefined for all. */
function allowedCodes(
  { column, companion, values }: Dimension,
  filter: Filter,
): readonly number[] | undefined {
  if (companion !== undefined) {
    const exists = filter.companions.get(companion);
    return exists === undefined ? undefined : [Number(exists)];
  }
  const terms = filter.fields.get(column);
  return (
    terms && values.flatMap((value, code) => (terms.every((term) => matchesTerm(value, term)) ? code : []))
  );
}

const withCodes = (
  { allowed, key }: GroupTest,
  dimension: Dimension,
  codes: readonly number[],
): GroupTest => ({
  allowed: [...allowed, [dimension, codes]],
  key: `${key}${dimension.shift}:${codes};`,
});

/** The groups that pass a test and have this code in this dimension. */
export function withCode(test: GroupTest, dimension: Dimension, code: number): GroupTest {
  const isAllowed = test.allowed.every(([each, codes]) => each !== dimension || codes.includes(code));
  return withCodes(test, dimension, isAllowed ? [code] : []);
}

export const passesGroupTest = (group: number, { allowed }: GroupTest): boolean =>
  allowed.every(([{ shift, bits }, codes]) => codes.includes((group >> shift) & ((1 << bits) - 1)));
