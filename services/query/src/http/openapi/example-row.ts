import { csvLine } from '@landfall/contracts/dataset/csv-line';
import { columnNames, type Definition, type Field, keyColumn } from '@landfall/contracts/dataset/definition';
import { isUsers } from '@landfall/contracts/dataset/users';
import { keyPatternOf } from '@landfall/contracts/definition/key-pattern';

const ADA: Readonly<Record<string, unknown>> = {
  first_name: 'Ada',
  last_name: 'Lovelace',
  birthts: -4_861_728_000_000,
};

/** The id of the example row. */
export const EXAMPLE_ID = '1000';

/** A row that the definition allows, as it is in JSON. */
export function exampleRow(definition: Definition): Record<string, unknown> {
  const { fields, companions } = definition;
  const values = fields.map((field) => [field.name, exampleValue(field)]);
  const paths = companions.map(({ files, column }) => [
    column,
    `src-data/${EXAMPLE_ID}.${extensionOf(files)}`,
  ]);
  return {
    [keyColumn(definition)]: EXAMPLE_ID,
    ...Object.fromEntries(values),
    ...(isUsers(definition) ? ADA : {}),
    ...Object.fromEntries(paths),
  };
}

const extensionOf = (files: string): string | undefined => keyPatternOf(files).extensions[0];

/** The same row as CSV, with the header. */
export const exampleCsv = (definition: Definition, row: Record<string, unknown>): string =>
  [columnNames(definition), columnNames(definition).map((name) => String(row[name]))]
    .map((values) => csvLine(values))
    .join('');

/** A value of a field, within its range. */
function exampleValue(field: Field): unknown {
  switch (field.type) {
    case 'string':
      return field.name;
    case 'enum':
      return field.values[0];
    case 'boolean':
      return true;
    case 'integer':
    case 'decimal':
      return field.minimum ?? field.maximum ?? 1;
    case 'date':
      return '2000-02-29';
    case 'timestamp':
      return { ms: 951_782_400_000, s: 951_782_400, iso: '2000-02-29T00:00:00.000Z' }[field.unit];
  }
}
