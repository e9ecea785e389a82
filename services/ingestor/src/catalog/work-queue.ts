import type { StateFile } from '@landfall/state-file/state-file';

/**
 * Row ids per batch: four for each request that may run at once. Larger batches outlive V8's young generation; with smaller
 * ones, requests wait for each other.
 */
const BATCH = 256;

/** A character that no id contains, because an id is part of a key's last segment. Splitting is faster than JSON.parse. */
const SEPARATOR = '/';

/** Rows that are processed together. */
export interface QueuedBatch {
  batch: number;
  rowIds: string[];
}

/** The catalog's queue of rows that have to be processed. It is stored, so that a crash loses no work. */
export function openWorkQueue(db: StateFile) {
  const insert = db.prepare<[number, string]>('INSERT INTO work_queue (row_count, row_ids) VALUES (?, ?)');
  const selectAfter = db.prepare<[number], { batch: number; row_ids: string }>(
    'SELECT batch, row_ids FROM work_queue WHERE batch > ? ORDER BY batch LIMIT 1',
  );
  const remove = db.prepare<[number]>('DELETE FROM work_queue WHERE batch = ?');
  const count = db.prepare<[], number>('SELECT coalesce(sum(row_count), 0) FROM work_queue').pluck();

  return {
    /**
     * Adds rows to the queue. A row may be added twice, and is then processed twice unless both are in one batch:
     * removing all duplicates would need a set of all ids.
     */
    queueWriter() {
      let rowIds = new Set<string>();
      function flush(): void {
        if (rowIds.size > 0) insert.run(rowIds.size, [...rowIds].join(SEPARATOR));
        // A new set instead of clear(): once V8 has promoted a set to the old generation, its contents follow.
        rowIds = new Set();
      }
      return {
        add(rowId: string): void {
          rowIds.add(rowId);
          if (rowIds.size === BATCH) flush();
        },
        flush,
      };
    },
    /** The number of queued rows, including duplicates. */
    queuedCount: (): number => count.get() ?? 0,
    /** @returns the first batch after another one, 0 for the first of all; undefined at the end */
    queuedAfter(batch: number): QueuedBatch | undefined {
      const row = selectAfter.get(batch);
      return row && { batch: row.batch, rowIds: row.row_ids.split(SEPARATOR) };
    },
    /** Removes a batch that has been processed. */
    removeQueued: (batch: number) => remove.run(batch),
  };
}
