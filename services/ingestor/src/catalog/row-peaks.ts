import type { Manifest } from '@landfall/contracts/dataset/manifest';

/** The row count of an earlier generation, and the time until which it was the newest (UTC). */
export type RowPeak = NonNullable<Manifest['row_peaks']>[number];

/** Maximum number of peaks in a manifest. */
const MAX_PEAKS = 50;

/**
 * Merges row counts of earlier generations. An entry is dropped if it ends before the window, or if another entry has at least
 * as many rows and ends no earlier. If there are too many, the neighbours with the smallest difference become one entry with the
 * higher count and the later end: the guard may hold removals back for longer, never for a shorter time.
 *
 * @param since the begin of the window, ms since 1970 UTC
 * @returns in descending order of rows
 */
export function mergePeaks(peaks: readonly RowPeak[], since: number): RowPeak[] {
  const sorted = peaks
    .filter(({ until }) => Date.parse(until) > since)
    .sort((a, b) => b.rows - a.rows || Date.parse(b.until) - Date.parse(a.until));
  const kept: RowPeak[] = [];
  for (const peak of sorted) {
    const last = kept.at(-1);
    if (!last || Date.parse(peak.until) > Date.parse(last.until)) kept.push(peak);
  }
  while (kept.length > MAX_PEAKS) mergeClosest(kept);
  return kept;
}

/** The highest row count of a data set and of the generations before it within the window. */
export const highestPeak = (rows: number, peaks: readonly RowPeak[], since: number): number =>
  Math.max(rows, ...mergePeaks(peaks, since).map((peak) => peak.rows));

function mergeClosest(peaks: RowPeak[]): void {
  let at = 1;
  for (let i = 2; i < peaks.length; i++) if (gapBefore(peaks, i) < gapBefore(peaks, at)) at = i;
  const [larger, later] = [peaks[at - 1], peaks[at]];
  if (larger && later) peaks.splice(at - 1, 2, { rows: larger.rows, until: later.until });
}

const gapBefore = (peaks: readonly RowPeak[], at: number): number =>
  (peaks[at - 1]?.rows ?? 0) - (peaks[at]?.rows ?? 0);
