import { type Definition, type Field, hasJsonRecords, isTimeField, keyColumn } from './definition.ts';

/** Reasons that every definition has: why a record object cannot be used. */
export const COMMON_REJECT_REASONS = [
  'empty',
  'malformed_csv',
  'not_utf8',
  'too_large',
  'missing_column',
  'no_record',
  'several_records',
  'missing_value',
  'unreadable',
  'outside_bucket',
  'not_utf8_name',
] as const;

/** Reasons of JSON records, in the place of those of CSV records. */
const JSON_REJECT_REASONS = ['empty', 'malformed_json', 'not_utf8', 'too_large', 'missing_value'] as const;

/** One of `rejectReasons`: a closed list for each definition. */
export type RejectReason =
  | (typeof COMMON_REJECT_REASONS)[number]
  | (typeof JSON_REJECT_REASONS)[number]
  | `invalid_${string}`
  | `${string}_in_future`
  | `duplicate_${string}`;

/** Why a record object of this data set cannot be used: a closed list. */
export const rejectReasons = (definition: Definition): RejectReason[] => [
  ...(hasJsonRecords(definition) ? JSON_REJECT_REASONS : COMMON_REJECT_REASONS.slice(0, 8)),
  ...definition.fields.flatMap((field) => fieldRejectReasons(definition, field)),
  duplicateReason(definition),
  ...COMMON_REJECT_REASONS.slice(8),
];

/** The reasons that are derived from one field. */
export function fieldRejectReasons(definition: Definition, field: Field): RejectReason[] {
  // A text of a CSV record is any text; in a JSON record there may be a number in its place.
  if (field.type === 'string' && !hasJsonRecords(definition)) return [];
  const invalid = `invalid_${field.name}` as const;
  return isTimeField(field) && field.past ? [invalid, `${field.name}_in_future`] : [invalid];
}

/** Why all but one of the record objects with the same id cannot be used. */
export const duplicateReason = ({ one }: Definition): RejectReason => `duplicate_${one}`;

/** What is wrong with one record object now: a row of rejects.csv. */
export interface Reject {
  /** The object in the source bucket. */
  key: string;
  /** Of the row; its column in rejects.csv and its member in the API are named by the key column. */
  id: string;
  reason: RejectReason;
  detail: string;
  /** When it was first seen: ISO 8601, UTC. */
  since: string;
  /** Whether the last good version of the row is served. */
  kept_previous: boolean;
}

/** The columns of rejects.csv, in order. */
export const rejectColumns = (definition: Definition): string[] => [
  'key',
  keyColumn(definition),
  'reason',
  'detail',
  'since',
  'kept_previous',
];
