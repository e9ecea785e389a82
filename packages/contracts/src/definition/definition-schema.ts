import { type TObject, type TProperties, Type } from 'typebox';
import type { Field } from '../dataset/definition.ts';
import { MAX_NAME_LENGTH, NAME } from '../dataset/name.ts';

const MAX_TEXT = 1_000;
export const MAX_FIELDS = 100;
/** Of companions, and of derived values. */
export const MAX_COMPANIONS = 10;
const MAX_ENUM_VALUES = 1_000;
/**
 * A record is parsed in one piece, and the process does nothing else meanwhile. The slowest JSON record of 1 MiB took 0.6 s on a busy
 * machine, one of 15.5 MiB 17 s. A leader loses its lease after 3 s.
 */
export const MAX_RECORD_BYTES = 2 ** 20;
/** Seven digits before the point and nine after it are a safe integer. */
export const MAX_SCALE = 9;

const name = (description: string) =>
  Type.String({ pattern: NAME.source, maxLength: MAX_NAME_LENGTH, description });
const text = (description: string) => Type.String({ minLength: 1, maxLength: MAX_TEXT, description });
const description = Type.Optional(text('for the documentation of the API'));

const common = {
  name: name('of the column: lower-case letters, digits and single underscores'),
  from: Type.Optional(
    text(
      'where the value is in a record: a CSV header (default: the name) or a JSON pointer (default: /<name>)',
    ),
  ),
  optional: Type.Optional(Type.Boolean({ description: 'whether the value may be missing (default: false)' })),
  description,
};
const time = {
  past: Type.Optional(Type.Boolean({ description: 'whether a time in the future is a reject' })),
  asked_as: Type.Optional(
    name('what the parameters <name>_after and <name>_before begin with, instead of the name'),
  ),
};
const range = {
  minimum: Type.Optional(Type.Number({ description: 'the lowest value' })),
  maximum: Type.Optional(Type.Number({ description: 'the highest value' })),
};

const fieldSchema = <Kind extends Field['type'], Properties extends TProperties>(
  type: Kind,
  meaning: string,
  properties: Properties,
) =>
  Type.Object(
    { ...common, type: Type.Literal(type, { description: meaning }), ...properties },
    { additionalProperties: false },
  );

/** The schema of a field, by its type. */
export const FIELD_SCHEMAS = {
  string: fieldSchema('string', 'text', {}),
  enum: fieldSchema('enum', 'one of a few texts', {
    values: Type.Array(text('a value'), {
      minItems: 1,
      maxItems: MAX_ENUM_VALUES,
      description: 'the texts that are allowed',
    }),
  }),
  boolean: fieldSchema('boolean', 'true, false, 1 or 0', {}),
  integer: fieldSchema('integer', 'an integer from -9007199254740991 to 9007199254740991', range),
  decimal: fieldSchema('decimal', 'a fixed-point number', {
    scale: Type.Integer({ minimum: 0, maximum: MAX_SCALE, description: 'digits after the point' }),
    ...range,
  }),
  date: fieldSchema('date', 'a day: YYYY-MM-DD or YYYYMMDD', time),
  timestamp: fieldSchema('timestamp', 'an instant', {
    unit: Type.Enum(['ms', 's', 'iso'], {
      description: 'ms or s since 1970 UTC; or iso: a time with an offset, such as 2000-12-31T23:59:59Z',
    }),
    ...time,
  }),
} as const satisfies Record<Field['type'], TObject>;

const Companion = Type.Object(
  {
    name: name('of the file in the API: is_<name>_exists, with_<name>, /data/{id}/<name>'),
    files: text('pattern of the files’ keys, as **/{user_id}.{png,jpg}; earlier extensions are preferred'),
    column: Type.Optional(name('the column with the file’s path (default: <name>_path)')),
    description,
  },
  { additionalProperties: false },
);

const Derived = Type.Object(
  {
    name: name('of the value in the API: min_<name>, max_<name>'),
    years_since: name('a date or timestamp field: the value is the whole years since then'),
    maximum: Type.Integer({ minimum: 1, maximum: 9_999, description: 'the highest value in a request' }),
  },
  { additionalProperties: false },
);

const properties = {
  $schema: Type.Optional(Type.String({ description: 'for editors' })),
  name: name('of the data set, plural: users'),
  one: name('of one row: user'),
  description,
  records: text(
    'pattern of the records’ keys, as **/{user_id}.csv or **/{user_id}.json; the name in braces is the key column',
  ),
  missing: Type.Optional(
    Type.Array(Type.String({ maxLength: MAX_TEXT }), {
      maxItems: MAX_ENUM_VALUES,
      description: 'texts that mean that a value is missing (default: the empty text alone)',
    }),
  ),
  max_bytes: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_RECORD_BYTES,
      description: 'maximum size of a record, bytes (default: 65536, at most 1048576)',
    }),
  ),
};
const lists = {
  companions: Type.Optional(
    Type.Array(Companion, { maxItems: MAX_COMPANIONS, description: 'files that belong to a row' }),
  ),
  derived: Type.Optional(
    Type.Array(Derived, { maxItems: MAX_COMPANIONS, description: 'values that depend on the clock' }),
  ),
  statistics: Type.Optional(
    Type.Array(Type.String(), {
      maxItems: MAX_FIELDS,
      description: 'integers, decimals and derived values that GET /stats summarizes',
    }),
  ),
};

/** A definition file, without the content of its fields: each has the schema of its type. */
export const DefinitionFrame = Type.Object(
  {
    ...properties,
    fields: Type.Array(Type.Object({}), { minItems: 1, maxItems: MAX_FIELDS }),
    ...lists,
  },
  { additionalProperties: false },
);

/** A definition file, as JSON Schema for editors. */
export const DefinitionFile = Type.Object(
  {
    ...properties,
    fields: Type.Array(Type.Union(Object.values(FIELD_SCHEMAS)), {
      minItems: 1,
      maxItems: MAX_FIELDS,
      description: 'the values of a record, in the order of the columns',
    }),
    ...lists,
  },
  { additionalProperties: false, title: 'Landfall data set definition' },
);
