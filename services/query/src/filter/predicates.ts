import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import { columnSql } from '../database/identifiers.ts';
import type { Clause } from '../database/visibility.ts';
import type { Filter, Term } from './filter.ts';

/** The restrictions of a filter on one column. A row must meet all of its terms. */
export interface Predicate {
  column: string;
  terms: readonly Term[];
}

/** A filter as predicates, at most one per column, in the order of the columns. */
export function predicatesOf(definition: Definition, filter: Filter): Predicate[] {
  const { ids, fields, companions } = filter;
  const predicates: Predicate[] = [
    { column: keyColumn(definition), terms: ids ? [['IN', JSON.stringify(ids)]] : [] },
    ...definition.fields.map(({ name }) => ({ column: name, terms: fields.get(name) ?? [] })),
    ...definition.companions.map(({ name, column }) => ({
      column,
      terms: companionTerms(companions.get(name)),
    })),
  ];
  return predicates.filter(({ terms }) => terms.length > 0);
}

/** The terms on the column of a companion. A missing file is stored as an empty path. */
export const companionTerms = (exists: boolean | undefined): readonly Term[] =>
  exists === undefined ? [] : [[exists ? '>' : '=', '']];

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
