import type { RejectReason } from '@landfall/contracts/dataset/reject';
import type { Value } from '@landfall/contracts/dataset/row';

/** What is wrong with a record object. */
export interface Fault {
  reason: RejectReason;
  detail: string;
}

/**
 * Goes up with every change of what a record object or a key is read as. It is part of the catalog's layout: after an
 * upgrade the ingestor reads every object again, since an unchanged object may now mean something else.
 */
export const RULES_VERSION = 2;

/** What a good record object says: the values by field name, text in NFC. */
export type RecordValues = Readonly<Record<string, Value>>;

/** What came of reading a record object. */
export type Reading = RecordValues | Fault;

export const isFault = (reading: Reading): reading is Fault => 'reason' in reading && 'detail' in reading;
