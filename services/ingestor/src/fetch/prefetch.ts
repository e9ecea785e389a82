import type { ObjectStore, ReadObject } from '@landfall/object-store/object-store';
import type { Catalog, PendingBatch } from '../catalog/catalog.ts';
import { fetchRecords, type ReadUser } from './fetch.ts';

/**
 * So many steps are read at once, sharing what may be asked for at once: while the last objects of one are waited for,
 * those of the next are on their way.
 */
const READ_AHEAD = 2;
/** Users who were read together. */
export interface ReadStep {
  /** As in `PendingBatch`. */
  batch: number;
  queued: number;
  users: ReadUser[];
}

/** A step that is not written yet. */
interface Underway {
  step: PendingBatch;
  rowIds: ReadonlySet<string>;
  users: Promise<ReadUser[]>;
}

/**
 * Reads those who are due, a step after the other, ahead of the one that is asked for.
 *
 * @param concurrency so many objects are read at once at most, in all steps together
 * @param isUnsettled as for `fetchRecords`
 */
export function readAhead(
  store: ObjectStore,
  catalog: Catalog,
  bucket: string,
  concurrency: number,
  isUnsettled: (read: ReadObject) => boolean,
) {
  const steps = Math.min(READ_AHEAD, concurrency);
  const reading: Underway[] = [];
  let writing: Underway | undefined;
  let batch = 0;

  function ask(): void {
    const step = catalog.nextPending(batch);
    if (!step) return;
    batch = step.batch;
    // Of who is due twice, and not written yet, the catalog does not know what is about to be known.
    const due = step.rows.filter(({ rowId }) => !isUnderway(rowId));
    const users = fetchRecords(store, bucket, due, Math.floor(concurrency / steps), isUnsettled);
    // Should a step before it fail, nobody waits for this one any more.
    users.catch(() => undefined);
    reading.push({ step, rowIds: new Set(due.map(({ rowId }) => rowId)), users });
  }

  function isUnderway(rowId: string): boolean {
    return writing?.rowIds.has(rowId) === true || reading.some(({ rowIds }) => rowIds.has(rowId));
  }

  for (let i = 0; i < steps; i++) ask();
  return {
    /**
     * The next step, once the one before it is written; undefined when there are no more.
     *
     * @throws StoreError when it could not be read
     */
    async next(): Promise<ReadStep | undefined> {
      writing = reading.shift();
      if (!writing) return undefined;
      const { step } = writing;
      const users = await writing.users;
      ask();
      return { batch: step.batch, queued: step.queued, users };
    },
  };
}
