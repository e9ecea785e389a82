import { columnNames, type Definition, type Field, keyColumn } from '@landfall/contracts/dataset/definition';
import { textForm } from '@landfall/contracts/values/canonical';
import { columnSql, QUOTED_CSV } from '../database/identifiers.ts';
import type { RowFormat } from './text-format.ts';

const serializers = new WeakMap<Definition, Readonly<Record<RowFormat, string>>>();

/**
 * SQL expressions over the columns of a row that give the row as text. SQLite then returns the text of a whole page as one
 * value, which takes half as long as returning its rows. A property test checks that the JSON is that of `JSON.stringify`, byte
 * by byte, and that the CSV is the line of output.csv without its end.
 */
export function rowSerializers(definition: Definition): Readonly<Record<RowFormat, string>> {
  const known = serializers.get(definition);
  if (known) return known;
  const made = { json: jsonSql(definition), csv: csvSql(definition) };
  serializers.set(definition, made);
  return made;
}

function jsonSql(definition: Definition): string {
  const key = keyColumn(definition);
  const members = [
    `'${key}', ${columnSql(key)}`,
    ...definition.fields.map((field) => `'${field.name}', ${jsonValueSql(field)}`),
    // A missing companion is an empty path, and null in JSON.
    ...definition.companions.map(({ column }) => `'${column}', nullif(${columnSql(column)}, '')`),
  ];
  // SQLite takes 1,000 arguments: 500 columns.
  return `json_object(${members.join(', ')})`;
}

/** A value as JSON. `json()` keeps a text from being quoted. */
function jsonValueSql(field: Field): string {
  const column = columnSql(field.name);
  const form = textForm(field);
  // json(NULL) is NULL, which becomes null.
  if (form.kind === 'boolean' || form.kind === 'decimal') return `json(${textSql(field)})`;
  return column;
}

/** A value as its canonical text. */
function textSql(field: Field): string {
  const column = columnSql(field.name);
  const form = textForm(field);
  if (form.kind === 'boolean') return `CASE ${column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END`;
  if (form.kind !== 'decimal') return column;
  const unit = 10 ** form.scale;
  const fraction = `printf('%0${form.scale}d', abs(${column}) % ${unit})`;
  return `(iif(${column} < 0, '-', '') || (abs(${column}) / ${unit}) || '.' || ${fraction})`;
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
