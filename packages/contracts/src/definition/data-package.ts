import {
  type Companion,
  type Definition,
  type Field,
  keyColumn,
  type TimestampField,
} from '../dataset/definition.ts';
import { OUTPUT_KEY } from '../dataset/manifest.ts';

/** A column of a Table Schema (https://datapackage.org/standard/table-schema/). */
interface TableField {
  name: string;
  type: 'string' | 'boolean' | 'integer' | 'number' | 'date' | 'datetime';
  description?: string;
  trueValues?: readonly string[];
  falseValues?: readonly string[];
  constraints?: Constraints;
}

interface Constraints {
  required?: true;
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
}

const PROFILES = 'https://datapackage.org/profiles/2.0';

/**
 * datapackage.json: the description of output.csv as a Data Package of version 2, so that programs that know this standard read
 * typed columns. It depends on the definition alone: it has no row count and no checksum, since output.csv is replaced more often.
 *
 * @see https://datapackage.org/standard/data-package/
 */
export function dataPackage(definition: Definition) {
  const { name, description } = definition;
  return {
    $schema: `${PROFILES}/datapackage.json`,
    name,
    ...(description === undefined ? {} : { description }),
    resources: [
      {
        name,
        type: 'table',
        path: OUTPUT_KEY,
        format: 'csv',
        mediatype: 'text/csv',
        encoding: 'utf-8',
        dialect: { header: true, delimiter: ',', lineTerminator: '\n', quoteChar: '"', doubleQuote: true },
        schema: {
          $schema: `${PROFILES}/tableschema.json`,
          fields: tableFields(definition),
          missingValues: [''],
          primaryKey: [keyColumn(definition)],
        },
      },
    ],
  };
}

/** The text of datapackage.json. The same definition always gives the same bytes. */
export const dataPackageText = (definition: Definition): string =>
  `${JSON.stringify(dataPackage(definition), null, 2)}\n`;

function tableFields(definition: Definition): TableField[] {
  const { fields, companions } = definition;
  return [
    { name: keyColumn(definition), type: 'string', constraints: { required: true } },
    ...fields.map(tableField),
    ...companions.map(pathField),
  ];
}

function tableField(field: Field): TableField {
  const { name, optional = false, description = defaultDescription(field) } = field;
  const { constraints, ...type } = typeOf(field);
  const all: Constraints = { ...(optional ? {} : { required: true }), ...constraints };
  return {
    name,
    ...type,
    ...(description === undefined ? {} : { description }),
    ...(Object.keys(all).length === 0 ? {} : { constraints: all }),
  };
}

/** A companion is a path, and is missing when there is no file. */
const pathField = ({ column, description }: Companion): TableField => ({
  name: column,
  type: 'string',
  description: description ?? '`<bucket>/<key>` of the file, empty when there is none',
});

/** The type of the texts that output.csv has for a field. */
function typeOf(field: Field): Omit<TableField, 'name' | 'description'> {
  switch (field.type) {
    case 'string':
      return { type: 'string' };
    case 'enum':
      return { type: 'string', constraints: { enum: field.values } };
    case 'boolean':
      return { type: 'boolean', trueValues: ['true'], falseValues: ['false'] };
    case 'integer':
      return { type: 'integer', constraints: rangeOf(field) };
    case 'decimal':
      return { type: 'number', constraints: rangeOf(field) };
    case 'date':
      return { type: 'date' };
    case 'timestamp':
      return { type: field.unit === 'iso' ? 'datetime' : 'integer' };
  }
}

const rangeOf = ({ minimum, maximum }: { minimum?: number; maximum?: number }): Constraints => ({
  ...(minimum === undefined ? {} : { minimum }),
  ...(maximum === undefined ? {} : { maximum }),
});

/** The unit of a time that is a number. */
const defaultDescription = (field: Field): string | undefined =>
  field.type === 'timestamp' ? UNITS[field.unit] : undefined;

const UNITS: Record<TimestampField['unit'], string | undefined> = {
  ms: 'milliseconds since 1970-01-01 UTC',
  s: 'seconds since 1970-01-01 UTC',
  iso: undefined,
};
