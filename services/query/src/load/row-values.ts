import type { Definition } from '@landfall/contracts/dataset/definition';
import { columnNames, keyColumn } from '@landfall/contracts/dataset/definition';
import type { Row } from '@landfall/contracts/dataset/row';
import type { ColumnValue } from '@landfall/state-file/bulk-insert';
import { columnSql, STILL_VALID } from '../database/identifiers.ts';
import { valueColumns } from '../database/schema.ts';

/** The columns of a row as an SQL select list: the result is a `Row`. A missing companion is stored as an empty path. */
export function rowSelectList(definition: Definition): string {
  const companions = new Set<string>(definition.companions.map(({ column }) => column));
  return columnNames(definition)
    .map((name) =>
      companions.has(name) ? `nullif(${columnSql(name)}, '') AS ${columnSql(name)}` : columnSql(name),
    )
    .join(', ');
}

/** Calls `insert` with the values of a new version of a row, in the order of the columns of `__rows`. */
export type InsertRow = (
  insert: (...values: ColumnValue[]) => void,
  row: Row,
  generation: number,
  quotedLine: string | null,
) => void;

/**
 * Generates the function from the definition: a loop over the columns takes five times as long for each of a million rows.
 * Names come from a checked definition and are written as JSON strings.
 */
export function generateInsertRow(definition: Definition): InsertRow {
  const companions = new Set<string>(definition.companions.map(({ column }) => column));
  const value = (name: string) => `row[${JSON.stringify(name)}]${companions.has(name) ? " ?? ''" : ''}`;
  const values = valueColumns(definition).map(value);
  const all = [value(keyColumn(definition)), 'generation', STILL_VALID, ...values, 'quotedLine'];
  return new Function('insert', 'row', 'generation', 'quotedLine', `insert(${all.join(', ')});`) as InsertRow;
}
