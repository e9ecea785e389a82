import { columnNames, type Definition, type Field, keyColumn } from '@landfall/contracts/dataset/definition';
import { oncePer } from '@landfall/contracts/once-per';
import { textForm } from '@landfall/contracts/values/canonical';
import { storedRange } from '@landfall/contracts/values/stored-range';
import { columnSql, QUOTED_CSV } from '../database/identifiers.ts';
import { spreadsheetCellSql } from './spreadsheet-text.ts';
import type { RowFormat } from './text-format.ts';

/**
 * SQL expressions over the columns of a row that give the row as text. SQLite then returns the text of a whole page as one
 * value, which takes half as long as returning its rows. A property test checks that the JSON is that of `JSON.stringify`, byte
 * by byte, and that the CSV is the line of output.csv without its end.
 */
export const rowSerializers = oncePer(
  (definition: Definition): Readonly<Record<RowFormat, string>> => ({
    json: jsonSql(definition),
    csv: csvSql(definition),
    excel: excelSql(definition),
  }),
);

/** `json_object` is the fastest where SQLite knows how each value is written. Otherwise one `printf` is. */
function jsonSql(definition: Definition): string {
  return definition.fields.some(hasOwnForm) ? printfSql(definition) : objectSql(definition);
}

/** Whether the JSON of a value is not that of the stored value. */
const hasOwnForm = (field: Field): boolean => ['boolean', 'decimal'].includes(textForm(field).kind);

function objectSql(definition: Definition): string {
  const key = keyColumn(definition);
  const members = [
    `'${key}', ${columnSql(key)}`,
    ...definition.fields.map(({ name }) => `'${name}', ${columnSql(name)}`),
    // A missing companion is an empty path, and null in JSON.
    ...definition.companions.map(({ column }) => `'${column}', nullif(${columnSql(column)}, '')`),
  ];
  // SQLite takes 1,000 arguments: 500 columns.
  return `json_object(${members.join(', ')})`;
}

/** A conversion of `printf`, and its argument. */
interface Conversion {
  conversion: string;
  sql: string;
}

function printfSql(definition: Definition): string {
  const key = keyColumn(definition);
  const members: [name: string, Conversion][] = [
    [key, quoted(columnSql(key))],
    ...definition.fields.map((field): [string, Conversion] => [field.name, jsonConversion(field)]),
    ...definition.companions.map(({ column }): [string, Conversion] => [
      column,
      quoted(`nullif(${columnSql(column)}, '')`),
    ]),
  ];
  const format = members.map(([name, { conversion }]) => `"${name}":${conversion}`).join();
  return `printf('{${format}}', ${members.map(([, { sql }]) => sql).join(', ')})`;
}

/** json_quote(NULL) is null. */
const quoted = (sql: string): Conversion => ({ conversion: '%s', sql: `json_quote(${sql})` });

function jsonConversion(field: Field): Conversion {
  const column = columnSql(field.name);
  const form = textForm(field);
  if (form.kind === 'text' || form.kind === 'pattern') return quoted(column);
  if (!field.optional && form.kind === 'integer') return { conversion: '%d', sql: column };
  if (!field.optional && form.kind === 'decimal' && isShort(field)) {
    return { conversion: `%.${form.scale}f`, sql: `${column} / 1e${form.scale}` };
  }
  return { conversion: '%s', sql: `ifnull(${textSql(field)}, 'null')` };
}

/** A value as its canonical text; NULL when it is missing. */
function textSql(field: Field): string {
  const column = columnSql(field.name);
  const form = textForm(field);
  if (form.kind === 'boolean') return `CASE ${column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END`;
  if (form.kind !== 'decimal') return column;
  const short = `printf('%.${form.scale}f', ${column} / 1e${form.scale})`;
  if (isShort(field) && !field.optional) return short;
  const unit = 10 ** form.scale;
  const fraction = `printf('%0${form.scale}d', abs(${column}) % ${unit})`;
  const exact = `(iif(${column} < 0, '-', '') || (abs(${column}) / ${unit}) || '.' || ${fraction})`;
  return `iif(abs(${column}) < ${MAX_SHORT}, ${short}, ${exact})`;
}

/** Stored decimals below it have at most 15 digits: a double has all of them, and `printf` writes them. */
const MAX_SHORT = 1_000_000_000_000_000;

/** Whether all values of a decimal are below `MAX_SHORT`, because the definition bounds them. */
function isShort(field: Field): boolean {
  if (field.type !== 'decimal') return false;
  const { least, most } = storedRange(field);
  return Math.max(-least, most) < MAX_SHORT;
}

/** Fields whose text cannot begin like a formula: a number with a sign stays a number. */
const isPlain = (field: Field | undefined): field is Field =>
  field !== undefined && field.type !== 'string' && field.type !== 'enum';

/** The columns with commas between, texts as a spreadsheet may read them. `__quoted_csv` has the values as they are. */
function excelSql(definition: Definition): string {
  const fields = new Map(definition.fields.map((field) => [field.name, field]));
  const cells = columnNames(definition).map((name) => {
    const field = fields.get(name);
    const cell = isPlain(field) ? textSql(field) : spreadsheetCellSql(columnSql(name));
    // concat_ws leaves NULL out.
    return `coalesce(${cell}, '')`;
  });
  return `concat_ws(',', ${cells.join(', ')})`;
}

/** The columns with commas between, unless a value needs quotes. */
function csvSql(definition: Definition): string {
  const fields = new Map(definition.fields.map((field) => [field.name, field]));
  const texts = columnNames(definition).map((name) => {
    const field = fields.get(name);
    if (!field) return columnSql(name);
    // concat_ws leaves NULL out.
    return field.optional ? `coalesce(${textSql(field)}, '')` : textSql(field);
  });
  return `coalesce(${QUOTED_CSV}, concat_ws(',', ${texts.join(', ')}))`;
}
