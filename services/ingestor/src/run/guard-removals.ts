import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { isOfDefinition } from '@landfall/contracts/definition/manifest-definition';
import { decideRemovals, isMostOf } from '../aggregate/removal-guard.ts';
import { highestPeak, type RowPeak } from '../catalog/row-peaks.ts';
import type { ActiveRun, RunContext } from './run-context.ts';

/** The decision of the removal guard, and the row counts that it is based on. */
export interface GuardedRemovals {
  /** Rows that are published now. */
  rows: number;
  /** The highest row count within the guard's window. */
  peak: number;
  /** Row counts of earlier generations. */
  peaks: readonly RowPeak[];
  /** While removals are held back, the row count when that started. */
  rowsBeforeHeld: number | undefined;
  /** Whether no generation may be published: too many published rows could not be restored. */
  isBlocked: boolean;
}

/**
 * Applies or holds back removals. Sets `removed` and `held` in the counts of the run.
 *
 * @param published the published manifest
 * @param hasUnrestored whether published rows could not be restored
 */
export async function guardRemovals(
  { catalog, guardWindowMs }: RunContext,
  { options, counts, now }: ActiveRun,
  published: Manifest | undefined,
  hasUnrestored: boolean,
): Promise<GuardedRemovals> {
  const { manifest: known, rowPeaks } = catalog.publishState();
  const newest = published ?? known;
  // Rows of another data set are not removed but replaced.
  const base = newest && isOfDefinition(newest, catalog.definition) ? newest : undefined;
  const peaks = [...rowPeaks, ...(base?.row_peaks ?? [])];
  // Without a manifest, the published rows are those that were restored from a snapshot.
  const rows = base?.rows ?? catalog.rowCount();
  const peak = highestPeak(rows, peaks, now - guardWindowMs);
  const rowsBefore = Math.min(rows, base?.rows_before_held ?? rows);
  const { removed, held } = await decideRemovals(catalog, { peak, rows: rowsBefore, force: options.force });

  // Rows that could not be restored cannot be held back one by one. Instead, nothing is published.
  const missing = options.force || !published || !hasUnrestored ? 0 : published.rows - catalog.rowCount();
  const isBlocked = published !== undefined && isMostOf(missing, published.rows);
  counts.removed = removed;
  counts.held = isBlocked ? held + missing : held;
  return { rows, peak, peaks, rowsBeforeHeld: held > 0 ? rowsBefore : undefined, isBlocked };
}
