import { keyColumn } from '@landfall/contracts/dataset/definition';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import type { RunCounts } from '@landfall/contracts/messages/run';
import type { ObjectStore, ReadObject } from '@landfall/object-store/object-store';
import type { Catalog } from '../catalog/catalog.ts';
import { NO_ROW } from '../catalog/rejects.ts';
import { formatRecordVersion } from '../catalog/rows.ts';
import type { FetchedRow } from '../fetch/fetch.ts';
import { prefetchBatches } from '../fetch/prefetch.ts';
import { openStoreCheck } from '../fetch/store-check.ts';
import { isUnsettled, SETTLE_MS, type Unsettled } from '../fetch/unsettled.ts';
import { type AggregateContext, aggregate } from './aggregate.ts';
import { updateRejects } from './update-rejects.ts';

/** Batches per transaction. Each transaction writes the last pages of the tables again. */
const BATCHES_PER_TRANSACTION = 8;

/** Dependencies of reconciling. */
export interface ReconcileDeps {
  store: ObjectStore;
  catalog: Catalog;
  sourceBucket: string;
  fetchConcurrency: number;
  /** Ms since 1970 UTC. */
  clock: () => number;
}

/**
 * Makes the rows of all ids in the work queue. What was read, its result, and that it must be published are one transaction
 * of about a thousand rows: a crash loses nothing, and the next run continues.
 *
 * @param counts updated batch by batch
 * @param now the run's clock, ms since 1970 UTC
 * @param settledBy files are judged as of this time or later, ms since 1970 UTC
 * @returns the files that may still be written; their rows stay as they were. Undefined when there are none
 * @throws StoreError that affects the whole store
 */
export async function reconcile(
  { store, catalog, sourceBucket, fetchConcurrency, clock }: ReconcileDeps,
  counts: RunCounts,
  now: number,
  onProgress: (done: number, total: number) => void,
  settledBy: number,
): Promise<Unsettled | undefined> {
  const { definition } = catalog;
  const total = catalog.queuedCount();
  const context = { definition, keyName: keyColumn(definition), bucket: sourceBucket, now };
  const batches = prefetchBatches(store, catalog, sourceBucket, {
    definition,
    concurrency: fetchConcurrency,
    isUnsettled: ({ modified }: ReadObject) => isUnsettled(modified, Math.max(clock(), settledBy)),
  });
  const check = openStoreCheck(store, sourceBucket, catalog);
  const unsettled = { keys: new Set<string>(), readyAt: 0 };
  let done = 0;
  let isOver = false;
  const processBatch = async (): Promise<void> => {
    const fetched = await batches.next();
    isOver = fetched === undefined;
    if (!fetched) return check.end();
    await check.count(fetched.rows);
    catalog.removeQueued(fetched.batch);
    collectUnsettled(catalog, fetched.rows, unsettled);
    applyRows(catalog, context, fetched.rows, counts);
    done += fetched.queued;
    onProgress(done, total);
  };
  while (!isOver) {
    await catalog.transaction(async () => {
      for (let i = 0; (i < BATCHES_PER_TRANSACTION || !check.isTrusted()) && !isOver; i++)
        await processBatch();
    });
  }
  return unsettled.keys.size > 0 ? unsettled : undefined;
}

/** Stores the rows whose record may still be written, for a later run. */
function collectUnsettled(
  catalog: Catalog,
  rows: readonly FetchedRow[],
  unsettled: { keys: Set<string>; readyAt: number },
): void {
  const rowIds: string[] = [];
  for (const row of rows) {
    if (row.unsettled === undefined) continue;
    rowIds.push(row.rowId);
    unsettled.keys.add(row.rowObjects.records[0]?.key ?? '');
    unsettled.readyAt = Math.max(unsettled.readyAt, row.unsettled + SETTLE_MS);
  }
  catalog.addUnsettled(rowIds);
}

/** Writes the results of fetched rows to the catalog. */
function applyRows(
  catalog: Catalog,
  context: AggregateContext,
  fetchedRows: FetchedRow[],
  counts: RunCounts,
): void {
  const codec = rowCodec(catalog.definition);
  const writer = catalog.rowWriter();
  // A restored row has no record version: its record may be in a folder that cannot be listed.
  const areFoldersUnread = catalog.rejectsOf(NO_ROW).length > 0;
  const isHidden = ({ record, row }: FetchedRow) =>
    areFoldersUnread && !record && row?.recordVersion === null;
  catalog.addUnsettled(fetchedRows.filter(isHidden).map(({ rowId }) => rowId));
  const changed: string[] = [];
  let changedRejects = 0;
  for (const fetched of fetchedRows) {
    const { rowId, rowObjects, record, row: before, orphanImages } = fetched;
    if (fetched.wasRead) counts.fetched++;
    correctObjects(catalog, fetched);
    if (fetched.unsettled !== undefined || isHidden(fetched)) continue;
    const orphans = record ? 0 : rowObjects.companionCount;
    if (orphans !== orphanImages) catalog.setOrphanImages(rowId, orphans);

    const previous = () => before && codec.parseRow(before.line);
    const { row, rejects } = aggregate(context, rowId, rowObjects, record?.reading, previous);
    if (row) {
      catalog.deleteRemovalCandidate(rowId);
      const isBroken = rejects.some(({ key }) => key === record?.key);
      const next = { rowId, line: codec.formatRow(row), recordVersion: recordVersionOf(fetched, isBroken) };
      if (before?.line !== next.line) {
        counts[before ? 'updated' : 'added']++;
        changed.push(rowId);
        writer.put(next);
      } else if (next.recordVersion !== before.recordVersion) writer.put(next);
    } else if (before) {
      // The removal guard decides about these rows at the end.
      catalog.addRemovalCandidate(before.rowId, before.recordVersion !== null);
    }
    changedRejects += updateRejects(catalog, fetched, rejects, context.now);
  }
  writer.flush();
  catalog.addChanged(changed);
  if (changed.length + changedRejects > 0) catalog.setDirty();
}

/** Corrects objects that differed from the listing when they were read. */
function correctObjects(catalog: Catalog, { rowId, objects, record, vanished }: FetchedRow): void {
  const listed = record && objects.find(({ key }) => key === record.key);
  const isOther = listed && (listed.etag !== record.etag || listed.size !== record.size);
  if (vanished.length === 0 && !isOther) return;
  const writer = catalog.objectWriter();
  for (const key of vanished) writer.remove(key, rowId);
  if (isOther) writer.put(record, rowId);
  writer.flush();
}

/** Returns the record version that a row was made from: of a broken record, the last valid one. */
function recordVersionOf({ record, row: before }: FetchedRow, isBroken: boolean): string | null {
  if (isBroken && before) return before.recordVersion;
  return record ? formatRecordVersion(record) : null;
}
