import type { Catalog } from '../catalog/catalog.ts';
import { NO_ROW } from '../catalog/rejects.ts';

/** A data set that never had more rows may lose all of them. */
const MIN_ROWS = 100;

/** What the removal guard compares. */
export interface GuardLimits {
  /** The most rows published within the guard's window. */
  peak: number;
  /**
   * How many rows are published now; while removals are held back, at most as many as when that began: what is added
   * meanwhile must not make up for them in the next run.
   */
  rows: number;
  /** Whether any number of rows may go. */
  force: boolean;
}

/** How many rows without a record object were removed, and how many were held back. */
export interface Removals {
  removed: number;
  held: number;
}

/** Whether more than half of over 100 rows are gone, or overwritten. */
export const isMostOf = (rows: number, of: number): boolean => of > MIN_ROWS && rows > of / 2;

/**
 * Removes the rows that have no record object any more. All of them stay when fewer than half of the window's peak would be
 * left, or when they are more than half of the current rows, even if as many others are new. So an emptied or wrongly mounted
 * bucket does not empty or replace the data set, neither in one run nor in several. The next run decides again.
 */
export async function decideRemovals(
  catalog: Catalog,
  { peak, rows, force }: GuardLimits,
): Promise<Removals> {
  // While a folder cannot be listed, rows that were never listed may have their record in it. They stay.
  const scope = catalog.rejectsOf(NO_ROW).length > 0 ? 'listed' : 'all';
  const leaving = catalog.removalCandidateCount(scope);
  if (leaving === 0) return { removed: 0, held: 0 };
  const left = catalog.rowCount() - leaving;
  const isTooMany = isMostOf(peak - left, peak) || isMostOf(leaving, rows);
  if (!force && isTooMany) return { removed: 0, held: leaving };
  await catalog.transaction(() => {
    const rows = catalog.rowWriter();
    for (const rowIds of catalog.removalCandidates(scope)) {
      for (const rowId of rowIds) rows.remove(rowId);
      catalog.addChanged(rowIds);
    }
    rows.flush();
    catalog.clearRemovalCandidates(scope);
    catalog.setDirty();
  });
  return { removed: leaving, held: 0 };
}
