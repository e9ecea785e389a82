import { type Static, Type } from 'typebox';

/** Why a record object cannot be used; a closed list. */
export const REJECT_REASONS = [
  'empty',
  'malformed_csv',
  'not_utf8',
  'too_large',
  'missing_column',
  'no_record',
  'several_records',
  'missing_value',
  'invalid_birthts',
  'birthts_in_future',
  'duplicate_user',
  'unreadable',
  'outside_bucket',
  'not_utf8_name',
] as const;

export const RejectReason = Type.Enum(REJECT_REASONS);
export type RejectReason = (typeof REJECT_REASONS)[number];

/** What is wrong with one record object now: a row of rejects.csv. */
export const Reject = Type.Object(
  {
    key: Type.String({ description: 'the object in the source bucket' }),
    user_id: Type.String(),
    reason: RejectReason,
    detail: Type.String({
      description: 'where, where that can be said, and what exactly: `line 2, column 3: …`',
    }),
    since: Type.String({ format: 'date-time', description: 'when this was first seen (UTC)' }),
    kept_previous: Type.Boolean({ description: 'whether the last good version of the user is served' }),
  },
  { additionalProperties: false, title: 'Reject' },
);
export type Reject = Static<typeof Reject>;
