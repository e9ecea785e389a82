import type { Definition } from '@landfall/contracts/dataset/definition';
import type { RowChange } from '@landfall/contracts/dataset/row-codec';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import { openStateFile, type StateFile } from '@landfall/state-file/state-file';
import { idAsWritten, sourceKeyParser } from '../source/source-key.ts';
import type { FaultyObject, SourceObject } from '../source/source-object.ts';
import { openListingSpool } from './listing-spool.ts';
import { openObjectFaultsTable } from './object-faults.ts';
import { openObjectsTable } from './objects.ts';
import { openPublishState } from './publish-state.ts';
import { type CatalogReject, openRejectsTable } from './rejects.ts';
import { openRemovalCandidates } from './removal-candidates.ts';
import { type CatalogRow, openRowsTable } from './rows.ts';
import { catalogLayout } from './schema.ts';
import { PAGE_ROWS, readPages } from './storage/paged-query.ts';
import { openWorkQueue } from './work-queue.ts';

/** A queued row, with everything that the catalog knows about it. */
export interface PendingRow {
  rowId: string;
  /** As they were last listed. Objects of other rows may be among them. */
  objects: SourceObject[];
  /** The current row; undefined if there is none. */
  row: CatalogRow | undefined;
  rejects: CatalogReject[];
  /** The number of images while the row had no record. */
  orphanImages: number;
}

/** Queued rows that are processed together. */
export interface PendingBatch {
  /** For `removeQueued`, and to read the next batch. */
  batch: number;
  /** The number of queue entries; rows that were queued twice count twice. */
  queued: number;
  /** In byte order of the ids. */
  rows: PendingRow[];
}

/** Pages of 4 KiB in the write-ahead log before SQLite copies them into the file. */
const WAL_PAGES = 16_384;

export type Catalog = ReturnType<typeof openCatalog>;

/**
 * Opens the ingestor's memory between runs: the objects of the source bucket, the rows and rejects that were made of them,
 * and what is published. It can be rebuilt from the two buckets.
 *
 * @param onDiscard called with the reason when an existing file is discarded
 * @throws UnusableStateError if the folder or its disk does not allow it
 */
export function openCatalog(file: string, definition: Definition, onDiscard: (why: string) => void) {
  const db = openStateFile(file, catalogLayout(definition), onDiscard);
  try {
    return catalogOf(db, definition);
  } catch (error) {
    db.close();
    throw error;
  }
}

function catalogOf(db: StateFile, definition: Definition) {
  // A first run rewrites the same pages many times. A long log copies each of them into the file less often.
  db.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
  const objects = openObjectsTable(db);
  const rows = openRowsTable(db, definition);
  const rejects = openRejectsTable(db, definition);
  const faults = openObjectFaultsTable(db);
  const queue = openWorkQueue(db);
  const candidates = openRemovalCandidates(db);

  // One query per batch instead of one per row: for a million new rows, the catalog knows nothing yet.
  const prepareHasAny = (table: string) => {
    const select = db.prepare<[string, string]>(
      `SELECT 1 FROM ${table} WHERE row_id BETWEEN ? AND ? LIMIT 1`,
    );
    return (first: string, last: string) => select.get(first, last) !== undefined;
  };
  const hasAnyOutsideRange = prepareHasAny('objects_by_row');
  const hasAnyReject = prepareHasAny('rejects');
  const hasAnyOrphan = prepareHasAny('orphans');
  const changedAfter = db
    .prepare<[string, number], string>(
      'SELECT row_id FROM changed_rows WHERE row_id > ? ORDER BY row_id LIMIT ?',
    )
    .pluck();
  const unsettledIds = db.prepare<[], string>('SELECT row_id FROM unsettled_rows').pluck();
  const insertUnsettled = db.prepare<[string]>('INSERT OR IGNORE INTO unsettled_rows VALUES (?)');
  const orphanImagesOf = db.prepare<[string], number>('SELECT images FROM orphans WHERE row_id = ?').pluck();
  const insertOrphan = db.prepare<[string, number]>('INSERT OR REPLACE INTO orphans VALUES (?, ?)');
  const removeOrphan = db.prepare<[string]>('DELETE FROM orphans WHERE row_id = ?');
  const orphanImages = db.prepare<[], number>('SELECT coalesce(sum(images), 0) FROM orphans').pluck();
  const isEmpty = db
    .prepare<[], 0 | 1>(
      'SELECT NOT EXISTS (SELECT 1 FROM packed_objects) AND NOT EXISTS (SELECT 1 FROM packed_rows)',
    )
    .pluck();
  const changedCount = db.prepare<[], number>('SELECT count(*) FROM changed_rows').pluck();

  /** Earlier releases stored ids in the Unicode form of the key: the last good version may be under such an id. */
  function rowInOtherForm(rowId: string, found: readonly SourceObject[]): CatalogRow | undefined {
    const other = found.find(({ key }) => isOtherForm(definition, key, rowId));
    return other && rows.row(idAsWritten(definition, other.key));
  }

  function queueRows(rowIds: Iterable<string>): void {
    const writer = queue.queueWriter();
    for (const rowId of rowIds) writer.add(rowId);
    writer.flush();
  }

  return {
    definition,
    ...openPublishState(db),
    ...objects,
    ...rows,
    ...rejects,
    ...faults,
    ...queue,
    ...candidates,
    listingSpool: openListingSpool(db),

    /** Queues all rows and all rejected row ids. */
    queueAllRows(): void {
      queueRows(rows.rowIds());
      queueRows(rejects.rejectedRowIds());
    },
    /**
     * Queues rows that were rejected because of a timestamp in the future that is no longer in the future.
     *
     * @param now ms since 1970 UTC
     */
    queueRejectsValidAt: (now: number): void => queueRows(rejects.rowIdsValidAt(now)),
    /** Queues rows with objects that could not be read. */
    queueUnreadable: (): void => queueRows(rejects.unreadableRowIds()),
    /** Queues rows whose record was still being written. */
    queueUnsettled(): void {
      queueRows(unsettledIds.all());
      db.exec('DELETE FROM unsettled_rows');
    },
    /** Leaves rows to a later run, which queues them with `queueUnsettled`. */
    addUnsettled(rowIds: readonly string[]): void {
      for (const rowId of rowIds) insertUnsettled.run(rowId);
    },
    /**
     * Reads the next batch of the queue.
     *
     * @param after the number of the previous batch, 0 for the first
     * @returns undefined at the end
     */
    nextPending(after: number): PendingBatch | undefined {
      const found = queue.queuedAfter(after);
      if (!found) return undefined;
      const rowIds = found.rowIds.sort(compareBytes);
      const [first, last] = [rowIds[0] ?? '', rowIds.at(-1) ?? ''];
      const hasOutsideRange = hasAnyOutsideRange(first, last);
      const hasRejects = hasAnyReject(first, last);
      const hasOrphans = hasAnyOrphan(first, last);
      const listedOfEach = hasOutsideRange
        ? objects.objectsOfEach(rowIds)
        : rowIds.map(objects.objectsByPrefix);
      const pending = rowIds.map((rowId, i) => {
        const listed = listedOfEach[i] ?? [];
        const faulty = faults.faultsOf(rowId);
        return {
          rowId,
          objects: faulty.length > 0 ? withFaults(listed, faulty) : listed,
          row: rows.row(rowId) ?? (hasOutsideRange ? rowInOtherForm(rowId, listed) : undefined),
          rejects: hasRejects ? rejects.rejectsOf(rowId) : [],
          orphanImages: hasOrphans ? (orphanImagesOf.get(rowId) ?? 0) : 0,
        };
      });
      return { batch: found.batch, queued: rowIds.length, rows: pending };
    },

    /** @param images the number of images of a row id without a record; 0 to remove the entry */
    setOrphanImages: (rowId: string, images: number) =>
      images > 0 ? insertOrphan.run(rowId, images) : removeOrphan.run(rowId),
    orphanImages: () => orphanImages.get() ?? 0,

    /** The rows that differ from the published data set, in UTF-8 byte order of the ids. */
    changed: (): AsyncIterable<readonly RowChange[]> =>
      readPages((last?: string) => changedAfter.all(last ?? '', PAGE_ROWS), rows.rowChange),
    changedCount: () => changedCount.get() ?? 0,

    /** Whether the catalog contains no objects and no rows. */
    isEmpty: (): boolean => isEmpty.get() === 1,
    /** Deletes objects, rows and rejects. The next run has to list and read everything. */
    clear(): void {
      objects.clearObjects();
      rows.clearRows();
      candidates.clearRemovalCandidates('all');
      db.exec(`
        DELETE FROM object_faults; DELETE FROM unsettled_rows; DELETE FROM work_queue;
        DELETE FROM rejects; DELETE FROM orphans; DELETE FROM changed_rows;
      `);
    },

    /** Runs `work` in a transaction. Transactions can be nested. */
    async transaction<T>(work: () => T | Promise<T>): Promise<T> {
      const isOuter = !db.inTransaction;
      db.exec(isOuter ? 'BEGIN IMMEDIATE' : 'SAVEPOINT nested');
      try {
        const result = await work();
        db.exec(isOuter ? 'COMMIT' : 'RELEASE nested');
        return result;
      } catch (error) {
        // SQLite has rolled back already after some errors, for example a full disk.
        if (db.inTransaction) db.exec(isOuter ? 'ROLLBACK' : 'ROLLBACK TO nested; RELEASE nested');
        objects.dropObjectCache();
        rows.dropRowCache();
        candidates.recountRemovalCandidates();
        throw error;
      }
    },
    close: () => db.close(),
  };
}

function isOtherForm(definition: Definition, key: string, rowId: string): boolean {
  const source = sourceKeyParser(definition)(key);
  return source.kind === 'record' && source.id === rowId && idAsWritten(definition, key) !== rowId;
}

function withFaults(objects: readonly SourceObject[], faulty: readonly FaultyObject[]): SourceObject[] {
  return objects.map((object) => faulty.find(({ key }) => key === object.key) ?? object);
}
