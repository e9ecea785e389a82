import type { Manifest } from '@landfall/contracts/dataset/manifest';

/** How many rows an earlier generation had, and until when it was the newest (UTC). */
export type RowPeak = NonNullable<Manifest['row_peaks']>[number];

/** A manifest holds at most as many. */
const MAX_PEAKS = 50;

/**
 * Merges row counts of earlier generations. An entry is left out when its end is out of the window, or when another one
 * has as many rows and ends no earlier. Of too many, neighbours become one that has the rows of the larger and the end of
 * the later: it may hold removals back for longer, never for less time.
 *
 * @param since the begin of the window, ms since 1970 UTC
 * @returns the most rows first
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

/** The most rows of a data set and of those that were published before it within the window. */
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
