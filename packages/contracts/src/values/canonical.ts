import type { Field } from '../dataset/definition.ts';

/** How a stored value is written in output.csv, and which texts are read back. */
export type TextForm =
  /** As it is. */
  | { kind: 'text' }
  /** A text of this form, as it is. */
  | { kind: 'pattern'; pattern: RegExp }
  /** A decimal integer. */
  | { kind: 'integer' }
  /** `true` or `false`; stored as 1 or 0. */
  | { kind: 'boolean' }
  /** A fixed number of digits after the point; stored as an integer. */
  | { kind: 'decimal'; scale: number };

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** The one text of each value. The version of a data set is a checksum of these texts. */
export function textForm(field: Field): TextForm {
  switch (field.type) {
    case 'string':
    case 'enum':
      return { kind: 'text' };
    case 'boolean':
      return { kind: 'boolean' };
    case 'integer':
      return { kind: 'integer' };
    case 'decimal':
      return field.scale === 0 ? { kind: 'integer' } : { kind: 'decimal', scale: field.scale };
    case 'date':
      return { kind: 'pattern', pattern: DAY };
    case 'timestamp':
      return field.unit === 'iso' ? { kind: 'pattern', pattern: ISO } : { kind: 'integer' };
  }
}

/** Whether values of a field are stored as numbers. */
export const isStoredAsNumber = (field: Field): boolean =>
  ['integer', 'boolean', 'decimal'].includes(textForm(field).kind);
