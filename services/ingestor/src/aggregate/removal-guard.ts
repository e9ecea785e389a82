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

/** What became of the users without a record object. */
export interface Removals {
  removed: number;
  held: number;
}

/** Whether more than half of over 100 rows are gone, or overwritten. */
export const isMostOf = (rows: number, of: number): boolean => of > MIN_ROWS && rows > of / 2;

/**
 * Removes the rows of users who have no record object any more, unless fewer than half of the most rows of the window
 * would be left, or they are more than half of the rows themselves, however many others are new: an emptied or wrongly
 * mounted bucket must not empty the data set, at once or bit by bit, nor replace it. Then all of these rows stay, and the
 * next run decides again.
 */
export async function decideRemovals(
  catalog: Catalog,
  { peak, rows, force }: GuardLimits,
): Promise<Removals> {
  // What is in a folder that cannot be listed is not known after the state was lost: those rows stay.
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
