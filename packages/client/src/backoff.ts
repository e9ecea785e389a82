/** Wait before the first repetition, ms. It doubles with each failure in a row. */
const FIRST_MS = 500;

/** How long to wait before a repetition, ms. @param failures in a row before this one @param maxMs the longest wait */
export const backoffMs = (failures: number, maxMs: number): number =>
  Math.min(FIRST_MS * 2 ** failures, maxMs);
