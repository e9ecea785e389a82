import type {
  BooleanField,
  Companion,
  DecimalField,
  Definition,
  Field,
  IntegerField,
  TimestampField,
} from './definition.ts';

/** A stored value of a row; null where a companion or an optional value is missing. The field's type says what a value means. */
export type Value = string | number | null;

/** A row of output.csv: the values by column name. */
export type Row = Readonly<Record<string, Value>>;

/** The row type of one definition; `Row` where the definition is not known before the program runs. */
export type RowOf<D extends Definition> = string extends D['name'] ? Row : KnownRow<D>;

type KnownRow<D extends Definition> = { [Column in KeyOf<D['records']>]: string } & {
  [F in D['fields'][number] as F['name']]:
    | ValueOf<F>
    | (F extends { readonly optional: true } ? null : never);
} & { [C in D['companions'][number] as ColumnOf<C>]: string | null };

type KeyOf<Pattern extends string> = Pattern extends `${string}{${infer Id}}.${string}` ? Id : never;
type ColumnOf<C extends Companion> = C['column'];
type ValueOf<F extends Field> = F extends
  | IntegerField
  | DecimalField
  | BooleanField
  | (TimestampField & { readonly unit: 'ms' | 's' })
  ? number
  : string;
