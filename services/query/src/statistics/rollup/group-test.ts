import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Filter, Term } from '../../filter/filter.ts';
import { matchesTerm } from '../../filter/matches-term.ts';
import { companionTerms } from '../../filter/predicates.ts';
import { type Dimension, dimensionsOf } from './dimensions.ts';

/** Which groups are counted: of each dimension here, the allowed codes. Other dimensions are not restricted. */
export type GroupTest = ReadonlyMap<Dimension, readonly number[]>;

export const ALL_GROUPS: GroupTest = new Map();

/** The groups that a filter allows. Restrictions on other columns are left out. */
export function groupTest(definition: Definition, filter: Filter): GroupTest {
  if (filter.companions.size === 0 && filter.fields.size === 0) return ALL_GROUPS;
  const test = new Map<Dimension, readonly number[]>();
  for (const dimension of dimensionsOf(definition)) {
    const terms = termsOn(definition, filter, dimension.column);
    if (terms.length > 0) test.set(dimension, codesThatMatch(dimension, terms));
  }
  return test;
}

function termsOn({ companions }: Definition, filter: Filter, column: string): readonly Term[] {
  const companion = companions.find((each) => each.column === column);
  if (companion) return companionTerms(filter.companions.get(companion.name));
  return filter.fields.get(column) ?? [];
}

const codesThatMatch = ({ values }: Dimension, terms: readonly Term[]): number[] =>
  values.flatMap((value, code) => (terms.every((term) => matchesTerm(value, term)) ? [code] : []));

/** The groups that pass a test and have this value in this dimension. */
export function withCode(test: GroupTest, dimension: Dimension, code: number): GroupTest {
  const allowed = test.get(dimension);
  return new Map([...test, [dimension, allowed && !allowed.includes(code) ? [] : [code]]]);
}

export function passesGroupTest(mask: number, test: GroupTest): boolean {
  for (const [{ shift, bits }, codes] of test) {
    if (!codes.includes((mask >> shift) & ((1 << bits) - 1))) return false;
  }
  return true;
}

/** A text that only equal tests have. */
export function groupTestKey(test: GroupTest): string {
  let key = '';
  for (const [{ column }, codes] of test) key += `${column}:${codes.join()};`;
  return key;
}
