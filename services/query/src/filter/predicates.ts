import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { columnSql } from '../database/identifiers.ts';
import type { Clause } from '../database/visibility.ts';
import type { Filter, InstantRange } from './filter.ts';
import type { PrefixRange } from './prefix-range.ts';

type Operator = '=' | '<' | '>' | '>=' | 'IN';

/** The conditions of a filter on one column. A row must meet all of its terms. */
export interface Predicate {
  column: string;
  terms: [operator: Operator, value: string | number][];
}

/** A filter as predicates, at most one per column, in the order of the columns. */
export function predicatesOf(definition: Definition, filter: Filter): Predicate[] {
  const { ids, strings, ranges, companions } = filter;
  const predicates: Predicate[] = [
    { column: keyColumn(definition), terms: ids ? [['IN', JSON.stringify(ids)]] : [] },
    ...definition.fields.map(({ name }) => ({
      column: name,
      terms: [...stringTerms(strings.get(name)), ...rangeTerms(ranges.get(name))],
    })),
    ...definition.companions.map(({ name, column }) => ({
      column,
      terms: companionTerms(companions.get(name)),
    })),
  ];
  return predicates.filter(({ terms }) => terms.length > 0);
}

type Range = InstantRange | Extract<PrefixRange, { from: string }>;

function stringTerms(range: PrefixRange | undefined): Predicate['terms'] {
  if (range === undefined) return [];
  return 'equals' in range ? [['=', range.equals]] : rangeTerms(range);
}

const rangeTerms = (range: Range | undefined): Predicate['terms'] =>
  range ? [...term('>=', range.from), ...term('<', range.before)] : [];

/** A missing file is stored as an empty path. */
const companionTerms = (exists: boolean | undefined): Predicate['terms'] =>
  exists === undefined ? [] : [[exists ? '>' : '=', '']];

const term = (operator: Operator, value: string | number | undefined): Predicate['terms'] =>
  value === undefined ? [] : [[operator, value]];

/**
 * Predicates as SQL; `true` when there are none.
 *
 * @param use whether an index may serve them; as a `test`, a unary plus keeps SQLite from using one
 */
export function predicateSql(predicates: readonly Predicate[], use: 'index' | 'test'): Clause {
  const plus = use === 'test' ? '+' : '';
  const terms = predicates.flatMap(({ column, terms }) =>
    terms.map(([operator, value]) => ({
      sql: `${plus}${columnSql(column)} ${operator} ${operator === 'IN' ? '(SELECT value FROM json_each(?))' : '?'}`,
      value,
    })),
  );
  return {
    sql: terms.map(({ sql }) => sql).join(' AND ') || 'true',
    values: terms.map(({ value }) => value),
  };
}
