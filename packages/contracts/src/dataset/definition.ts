import { keyPatternOf } from '../definition/key-pattern.ts';
import { oncePer } from '../once-per.ts';
import { toNfc } from '../text/nfc.ts';

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
  /** Of the data set, for the API's documentation. */
  readonly description?: string;
  /** Maximum size of a record object, bytes; default 65,536. */
  readonly max_bytes?: number;
  /** Texts that mean that a value is missing; default: the empty text. */
  readonly missing?: readonly string[];
  /** The values of a record object, in the order of the columns. */
  readonly fields: readonly Field[];
  /** Files beside the record object. Each is a column with the file's path. */
  readonly companions: readonly Companion[];
  /** Values that depend on a field and on the clock. They can be filtered by and are not stored. */
  readonly derived: readonly Derived[];
  /** Names of the integers, decimals and derived values that `GET /stats` summarizes. The first one is counted in advance. */
  readonly statistics: readonly string[];
}

/** A value of a record object. */
export type Field =
  | StringField
  | EnumField
  | BooleanField
  | IntegerField
  | DecimalField
  | DateField
  | TimestampField;

interface FieldBase {
  /** Of the column, and of the CSV header in a record object unless `from` names another one. */
  readonly name: string;
  /** Where the value is in a record: a CSV header (default: the name) or a JSON pointer (default: `/<name>`). */
  readonly from?: string;
  /** Whether the value may be missing; it is then null. */
  readonly optional?: boolean;
  /** For the API's documentation. */
  readonly description?: string;
}

/** Text in Unicode NFC without blanks around it. */
export interface StringField extends FieldBase {
  readonly type: 'string';
}

/** One of a few texts. */
export interface EnumField extends FieldBase {
  readonly type: 'enum';
  readonly values: readonly string[];
}

/** Stored as 0 or 1. */
export interface BooleanField extends FieldBase {
  readonly type: 'boolean';
}

/** A safe integer. */
export interface IntegerField extends FieldBase {
  readonly type: 'integer';
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A fixed-point number. It is stored as an integer: the value times 10 to the power of `scale`. */
export interface DecimalField extends FieldBase {
  readonly type: 'decimal';
  /** Digits after the point. */
  readonly scale: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A calendar day, stored as `YYYY-MM-DD`. */
export interface DateField extends FieldBase, TimeOptions {
  readonly type: 'date';
}

/** An instant. */
export interface TimestampField extends FieldBase, TimeOptions {
  readonly type: 'timestamp';
  /**
   * How it is written and stored: `ms` or `s` since 1970-01-01 UTC, negative before; or `iso`, as text
   * (`YYYY-MM-DDTHH:mm:ss.sssZ`).
   */
  readonly unit: 'ms' | 's' | 'iso';
}

interface TimeOptions {
  /** Whether a time after the run's clock is a reject (`<name>_in_future`). */
  readonly past?: boolean;
  /** What the parameters `<name>_after` and `<name>_before` begin with, instead of the field's name. */
  readonly asked_as?: string;
}

/** A field with a time: its values have an order in time. */
export type TimeField = DateField | TimestampField;

export const isTimeField = (field: Field): field is TimeField =>
  field.type === 'date' || field.type === 'timestamp';

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

/** Whole years since a time by the calendar, in UTC. */
export interface Derived {
  /** Of the value in the API: `min_<name>`, `max_<name>`. */
  readonly name: string;
  /** The name of a date or timestamp field. */
  readonly years_since: string;
  /** The highest value that a request may name. */
  readonly maximum: number;
}

/** Returns the column that identifies rows: its values are the ids in the keys of the records. */
export const keyColumn = oncePer(({ records }: Definition): string => keyPatternOf(records).id);

/** The columns of output.csv, in order: the key, the fields, the companions. */
export const columnNames = (definition: Definition): string[] => [
  keyColumn(definition),
  ...definition.fields.map(({ name }) => name),
  ...definition.companions.map(({ column }) => column),
];

/** The columns of a delta, in order. */
export const deltaColumnNames = (definition: Definition): string[] => ['change', ...columnNames(definition)];

/**
 * The date or timestamp field that a derived value counts from.
 *
 * @throws Error when the definition has no such field
 */
export function fieldOfDerived({ fields }: Definition, { name, years_since }: Derived): TimeField {
  const field = fields.find((each) => each.name === years_since);
  if (!field || !isTimeField(field)) throw new Error(`${name}: ${years_since} is not a date or timestamp`);
  return field;
}

/** The CSV header of a field in a record object. */
export const headerOf = ({ name, from = name }: Field): string => from;

/** The JSON pointer of a field in a record object. */
export const pointerOf = ({ name, from = `/${name}` }: Field): string => from;

/** Maximum size of a record object, bytes. */
export const maxRecordBytes = ({ max_bytes = 64 * 1024 }: Definition): number => max_bytes;

/** Texts that mean that a value is missing, in the form in which values are compared: trimmed, in NFC. */
export const missingTexts = ({ missing = [''] }: Definition): readonly string[] =>
  missing.map((text) => toNfc(text.trim()));

/** Whether the records are JSON; otherwise they are CSV. */
export const hasJsonRecords = ({ records }: Definition): boolean => records.endsWith('.json');
