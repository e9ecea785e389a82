import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Catalog, PendingBatch } from '../catalog/catalog.ts';
import { type FetchedRow, type FetchOptions, fetchRecords } from './fetch.ts';

/** Batches that are read at the same time: while the last objects of one arrive, those of the next are requested. */
const PREFETCHED_BATCHES = 2;

/** The rows of one batch. */
export interface FetchedBatch {
  /** As in `PendingBatch`. */
  batch: number;
  queued: number;
  rows: FetchedRow[];
}

/** A batch that is not written yet. */
interface BatchInProgress {
  pending: PendingBatch;
  rowIds: ReadonlySet<string>;
  rows: Promise<FetchedRow[]>;
}

/**
 * Reads the batches of the work queue in order, one batch ahead of the one that is requested.
 *
 * @param options the concurrency is shared by all batches
 */
export function prefetchBatches(store: ObjectStore, catalog: Catalog, bucket: string, options: FetchOptions) {
  const batches = Math.min(PREFETCHED_BATCHES, options.concurrency);
  const perBatch = { ...options, concurrency: Math.floor(options.concurrency / batches) };
  const reading: BatchInProgress[] = [];
  let writing: BatchInProgress | undefined;
  let batch = 0;

  function startNext(): void {
    const pending = catalog.nextPending(batch);
    if (!pending) return;
    batch = pending.batch;
    // A row that is queued twice: the catalog does not have the result of the first time yet.
    const rows = pending.rows.filter(({ rowId }) => !isInProgress(rowId));
    const fetched = fetchRecords(store, bucket, rows, perBatch);
    // When an earlier batch fails, nothing awaits this promise.
    fetched.catch(() => undefined);
    reading.push({ pending, rowIds: new Set(rows.map(({ rowId }) => rowId)), rows: fetched });
  }

  function isInProgress(rowId: string): boolean {
    return writing?.rowIds.has(rowId) === true || reading.some(({ rowIds }) => rowIds.has(rowId));
  }

  for (let i = 0; i < batches; i++) startNext();
  return {
    /**
     * Returns the next batch, once the one before is written; undefined at the end of the queue.
     *
     * @throws StoreError when it could not be read
     */
    async next(): Promise<FetchedBatch | undefined> {
      writing = reading.shift();
      if (!writing) return undefined;
      const { pending } = writing;
      const rows = await writing.rows;
      startNext();
      return { batch: pending.batch, queued: pending.queued, rows };
    },
  };
}
