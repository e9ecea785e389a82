/** How much one read may do. Between two reads the event loop runs, so these bound how long other requests wait. */
export interface ScanLimits {
  /** Up to this many matching rows, an index finds them and they are sorted; in any order but the key's, in one read. */
  indexLookupMaxRows: number;
  /** Rows per read, at most. Fewer, from the second read on, where rows are large. */
  rowsPerRead: number;
  /** Rows examined per read: in the first reads of a scan, and at most, when few rows match. */
  window: { min: number; max: number };
}

/** A read takes 1 to 2 ms, an index lookup with a sort up to 7 ms; an ordered scan for as few rows takes ten times that. */
export const SCAN_LIMITS: ScanLimits = {
  indexLookupMaxRows: 5_000,
  rowsPerRead: 500,
  window: { min: 256, max: 4_096 },
};
