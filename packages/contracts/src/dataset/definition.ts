/**
 * What a data set consists of: one record object per row, and the files that belong to it. Everything else that depends on
 * the shape of a row is derived from a definition: columns, codecs, tables, filters, sort orders, statistics, reject reasons
 * and the API's description. Plain data, so that it can be sent to worker threads and stored as JSON.
 */
export interface Definition {
  /** Of the data set, as the API's texts name it: `users`. */
  readonly name: string;
  /** Of one row: `user`. */
  readonly one: string;
  /** Pattern of the record objects' keys; its `{name}` is the key column. */
  readonly records: string;
  /** The values of a record object, in the order of the columns. */
  readonly fields: readonly Field[];
  /** Files beside the record object. Each is a column with the file's path. */
  readonly companions: readonly Companion[];
  /** Values that depend on a field and on the clock. They can be filtered by and are not stored. */
  readonly derived: readonly Derived[];
  /** Names of derived values that `GET /stats` summarizes. */
  readonly statistics: readonly string[];
}

/** A value of a record object. */
export type Field = StringField | TimestampField;

interface FieldBase {
  /** Of the column, and of the CSV header in a record object. */
  readonly name: string;
  /** For the API's documentation. */
  readonly description?: string;
}

/** Text in Unicode NFC without blanks around it. */
export interface StringField extends FieldBase {
  readonly type: 'string';
}

/** An instant: ms since 1970-01-01 UTC, negative before. */
export interface TimestampField extends FieldBase {
  readonly type: 'timestamp';
  readonly unit: 'ms';
  /** Whether an instant after the run's clock is a reject (`<name>_in_future`). */
  readonly past?: boolean;
  /** What the parameters `<name>_after` and `<name>_before` begin with, instead of the field's name. */
  readonly asked_as?: string;
}

/** A file that belongs to a row. */
export interface Companion {
  /** Of the file in the API: `is_<name>_exists`, `with_<name>`, `/data/{id}/<name>`. */
  readonly name: string;
  /** Pattern of the files' keys. Its `{a,b}` lists the extensions; the first one that exists is the row's. */
  readonly files: string;
  /** The column with the file's path, `<bucket>/<key>`; null when there is no file. */
  readonly column: string;
  /** For the API's documentation. */
  readonly description?: string;
}

/** Whole years since a timestamp by the calendar, in UTC. */
export interface Derived {
  /** Of the value in the API: `min_<name>`, `max_<name>`. */
  readonly name: string;
  /** The name of a timestamp field. */
  readonly years_since: string;
  /** The highest value that a request may name. */
  readonly maximum: number;
}

/** A parsed key pattern: `**` `/{name}.ext` or `**` `/{name}.{a,b}`. */
export interface KeyPattern {
  /** The name between the first braces. */
  readonly id: string;
  /** In lower case, the most preferred first. */
  readonly extensions: readonly string[];
}

const PATTERN = /^\*\*\/\{([a-z][a-z0-9_]*)\}\.(?:\{([a-z0-9,]+)\}|([a-z0-9]+))$/;

/**
 * Parses a key pattern.
 *
 * @throws Error when it has another form
 */
export function keyPattern(pattern: string): KeyPattern {
  const [, id, list, extension] = PATTERN.exec(pattern) ?? [];
  if (id === undefined) throw new Error(`the key pattern ${pattern} is not **/{id}.<extension>`);
  return { id, extensions: (list ?? extension ?? '').split(',') };
}

const keyColumns = new WeakMap<Definition, string>();

/** Returns the column that identifies rows: its values are the ids in the keys of the records. */
export function keyColumn(definition: Definition): string {
  const known = keyColumns.get(definition);
  if (known !== undefined) return known;
  const { id } = keyPattern(definition.records);
  keyColumns.set(definition, id);
  return id;
}

/** The columns of output.csv, in order: the key, the fields, the companions. */
export const columnNames = (definition: Definition): string[] => [
  keyColumn(definition),
  ...definition.fields.map(({ name }) => name),
  ...definition.companions.map(({ column }) => column),
];

/** The columns of a delta, in order. */
export const deltaColumnNames = (definition: Definition): string[] => ['change', ...columnNames(definition)];

/**
 * The timestamp field that a derived value counts from.
 *
 * @throws Error when the definition has no such field
 */
export function fieldOfDerived({ fields }: Definition, { name, years_since }: Derived): TimestampField {
  const field = fields.find((each) => each.name === years_since);
  if (field?.type !== 'timestamp') throw new Error(`${name}: ${years_since} is not a timestamp field`);
  return field;
}
