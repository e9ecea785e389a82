import type { RejectReason } from '@landfall/contracts/dataset/reject';
import type { Value } from '@landfall/contracts/dataset/row';

/** Why a record object cannot be used. */
export interface Fault {
  reason: RejectReason;
  detail: string;
}

/**
 * Version of the rules by which records and keys are read. It is part of the catalog's layout: when it rises, the ingestor
 * reads every object again, since an unchanged object may have another meaning.
 */
export const RULES_VERSION = 3;

/** The values of a valid record by field name; text is in NFC. */
export type RecordValues = Readonly<Record<string, Value>>;

/** The result of reading a record object. */
export type Reading = RecordValues | Fault;

/** `detail` and `reason` together are reserved: no definition has both as fields. */
export const isFault = (reading: Reading): reading is Fault => 'reason' in reading && 'detail' in reading;
