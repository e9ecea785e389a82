import type { RejectReason } from '@landfall/contracts/dataset/reject';

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

/** What a good record object says. */
export interface RecordValues {
  /** In NFC, like `last_name`. */
  first_name: string;
  last_name: string;
  /** Ms since 1970 UTC. */
  birthts: number;
}

/** What came of reading a record object. */
export type Reading = RecordValues | Fault;

export const isFault = (reading: Reading): reading is Fault => 'reason' in reading;
