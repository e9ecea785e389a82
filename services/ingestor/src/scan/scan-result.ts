import type { PutTimeCounts } from '../source/put-times.ts';
import { openPutTimeCounts } from '../source/put-times.ts';
import type { FaultyObject } from '../source/source-object.ts';

/** What a scan found in the source bucket. */
export interface ScanResult {
  /** Objects of any kind. */
  listed: number;
  /** Ignored objects: they belong to tools, or are in trash folders. */
  passedOver: number;
  /** Record objects that have not changed. */
  unchanged: number;
  /** Record and companion objects that no longer exist. */
  gone: number;
  /** Keys that the listing named twice in a row. */
  repeated: number;
  /** The key of an object that is not passed over; undefined when there is none. A folder is no object. */
  example: string | undefined;
  /** Folders that could not be listed; their keys end in `/`. */
  folders: FaultyObject[];
  /** When new and changed objects were put; without those that an earlier full run has seen. */
  putTimes: PutTimeCounts;
}

export const emptyScanResult = (): ScanResult => ({
  listed: 0,
  passedOver: 0,
  unchanged: 0,
  gone: 0,
  repeated: 0,
  example: undefined,
  folders: [],
  putTimes: openPutTimeCounts(),
});
