import { columnNames, type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
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
  const plain = [keyColumn(definition), ...definition.fields.map(({ name }) => name)];
  const members = [
    ...plain.map((name) => `'${name}', ${columnSql(name)}`),
    // A missing companion is an empty path, and null in JSON.
    ...definition.companions.map(({ column }) => `'${column}', nullif(${columnSql(column)}, '')`),
  ];
  return `json_object(${members.join(', ')})`;
}

/** The columns with commas between, unless a value needs quotes. */
const csvSql = (definition: Definition): string =>
  `coalesce(${QUOTED_CSV}, concat_ws(',', ${columnNames(definition).map(columnSql).join(', ')}))`;
