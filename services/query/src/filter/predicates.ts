import type { Clause } from '../database/visibility.ts';
import type { Filter } from './filter.ts';
import type { NamePattern } from './prefix-range.ts';

type Column = 'user_id' | 'first_name' | 'last_name' | 'birthts' | 'img_path';
type Operator = '=' | '<' | '>' | '>=' | 'IN';

/** What a filter demands of one column, all of it at once. */
export interface Condition {
  column: Column;
  terms: [operator: Operator, value: string | number][];
}

/** A filter in terms of the columns of `users`. */
export function conditionsOf(filter: Filter): Condition[] {
  const { hasImage, bornFrom, bornBefore, userIds, firstName, lastName } = filter;
  const conditions: Condition[] = [
    { column: 'user_id', terms: userIds ? [['IN', JSON.stringify(userIds)]] : [] },
    { column: 'first_name', terms: nameTerms(firstName) },
    { column: 'last_name', terms: nameTerms(lastName) },
    { column: 'birthts', terms: [...term('>=', bornFrom), ...term('<', bornBefore)] },
    { column: 'img_path', terms: hasImage === undefined ? [] : [[hasImage ? '>' : '=', '']] },
  ];
  return conditions.filter(({ terms }) => terms.length > 0);
}

function nameTerms(pattern: NamePattern | undefined): Condition['terms'] {
  if (pattern === undefined) return [];
  if ('exactly' in pattern) return [['=', pattern.exactly]];
  return [...term('>=', pattern.from), ...term('<', pattern.before)];
}

const term = <Value extends string | number>(
  operator: Operator,
  value: Value | undefined,
): [Operator, Value][] => (value === undefined ? [] : [[operator, value]]);

/**
 * Conditions as SQL; `true` when there are none.
 *
 * @param by whether an index may serve them; if not, a unary plus keeps SQLite from trying
 */
export function clauseOf(conditions: readonly Condition[], by: 'index' | 'test'): Clause {
  const plus = by === 'test' ? '+' : '';
  const terms = conditions.flatMap(({ column, terms }) =>
    terms.map(([operator, value]) => ({
      sql: `${plus}${column} ${operator} ${operator === 'IN' ? '(SELECT value FROM json_each(?))' : '?'}`,
      value,
    })),
  );
  return {
    sql: terms.map(({ sql }) => sql).join(' AND ') || 'true',
    values: terms.map(({ value }) => value),
  };
}
