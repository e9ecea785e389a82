import type { StateFile } from '@landfall/state-file/state-file';
import { PAGE_ROWS } from './storage/paged-query.ts';

/** All candidates, or only the rows whose record object was listed before. */
export type RemovalScope = 'all' | 'listed';

/** The catalog's table of rows without a record object. */
export function openRemovalCandidates(db: StateFile) {
  const insert = db.prepare<[string, 0 | 1]>('INSERT OR IGNORE INTO removal_candidates VALUES (?, ?)');
  const remove = db.prepare<[string]>('DELETE FROM removal_candidates WHERE row_id = ?');
  const countFrom = db
    .prepare<[0 | 1], number>('SELECT count(*) FROM removal_candidates WHERE was_listed >= ?')
    .pluck();
  const selectAfter = db
    .prepare<[string, 0 | 1, number], string>(
      'SELECT row_id FROM removal_candidates WHERE row_id > ? AND was_listed >= ? ORDER BY row_id LIMIT ?',
    )
    .pluck();
  const removeFrom = db.prepare<[0 | 1]>('DELETE FROM removal_candidates WHERE was_listed >= ?');
  // Most runs have no candidates. The count in memory saves one statement per row then.
  let count = countFrom.get(0) ?? 0;
  const minimum = (scope: RemovalScope) => (scope === 'listed' ? 1 : 0);

  return {
    /** @param wasListed false for a restored row, whose record object was never listed */
    addRemovalCandidate(rowId: string, wasListed: boolean): void {
      count += insert.run(rowId, wasListed ? 1 : 0).changes;
    },
    /** For a row that has a record object again. */
    deleteRemovalCandidate(rowId: string): void {
      if (count > 0) count -= remove.run(rowId).changes;
    },
    removalCandidateCount: (scope: RemovalScope): number =>
      count === 0 ? 0 : (countFrom.get(minimum(scope)) ?? 0),
    /** Row ids in UTF-8 byte order, page by page. */
    *removalCandidates(scope: RemovalScope): Iterable<readonly string[]> {
      const pageAfter = (last: string) => selectAfter.all(last, minimum(scope), PAGE_ROWS);
      for (let page = pageAfter(''); page.length > 0; page = pageAfter(page.at(-1) ?? '')) yield page;
    },
    clearRemovalCandidates(scope: RemovalScope): void {
      removeFrom.run(minimum(scope));
      count = countFrom.get(0) ?? 0;
    },
    /** Call after a rollback. */
    recountRemovalCandidates(): void {
      count = countFrom.get(0) ?? 0;
    },
  };
}
