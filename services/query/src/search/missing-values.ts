import type { Definition } from '@landfall/contracts/dataset/definition';
import { isUsers } from '@landfall/contracts/dataset/users';
import { isStoredAsNumber } from '@landfall/contracts/values/canonical';
import { columnSql } from '../database/identifiers.ts';
import type { Clause } from '../database/visibility.ts';
import { ALL_ROWS, type SortValue } from './row-sql.ts';

/**
 * How a missing value is stored in a column: NULL for a field, the empty text for the path of a companion. Missing values come last,
 * in ascending and in descending order. In `users`, paths are sorted as text, as in the first release.
 *
 * @returns undefined when no value of the column is missing
 */
export function missingValue(definition: Definition, column: string): SortValue | undefined {
  if (definition.fields.some(({ name, optional }) => name === column && optional === true)) return null;
  const isPath = definition.companions.some((each) => each.column === column);
  return isPath && !isUsers(definition) ? '' : undefined;
}

/** The rows without a value in a column, given how that is stored. */
export const rowsWithoutValue = (column: string, missing: SortValue): Clause => ({
  sql: missing === null ? `${columnSql(column)} IS NULL` : `${columnSql(column)} = ''`,
  values: [],
});

/** The rows with a value in a column. An index serves it, unlike `IS NOT NULL`. */
export function rowsWithValue(definition: Definition, column: string): Clause {
  const missing = missingValue(definition, column);
  if (missing === undefined) return ALL_ROWS;
  if (missing !== null) return { sql: `${columnSql(column)} > ''`, values: [] };
  const field = definition.fields.find(({ name }) => name === column);
  return { sql: `${columnSql(column)} >= ${field && isStoredAsNumber(field) ? '-9e999' : "''"}`, values: [] };
}
