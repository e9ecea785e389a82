import type { Definition } from '@landfall/contracts/dataset/definition';
import { isStoredAsNumber } from '@landfall/contracts/values/canonical';
import { columnSql } from '../database/identifiers.ts';
import type { Clause } from '../database/visibility.ts';
import { ALL_ROWS } from './row-sql.ts';

/** Whether rows may have no value in a column: SQLite then has NULL. They come last, in ascending and in descending order. */
export const isNullable = (definition: Definition, column: string): boolean =>
  definition.fields.some(({ name, optional }) => name === column && optional === true);

/** The rows with a value in a column. An index serves it, unlike `IS NOT NULL`. */
export function rowsWithValue(definition: Definition, column: string): Clause {
  const field = definition.fields.find(({ name }) => name === column);
  if (!field?.optional) return ALL_ROWS;
  return { sql: `${columnSql(column)} >= ${isStoredAsNumber(field) ? '-9e999' : "''"}`, values: [] };
}
