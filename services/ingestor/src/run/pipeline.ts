import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { RunCounts } from '@landfall/contracts/messages/run';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import { reconcileSettled } from '../aggregate/reconcile-settled.ts';
import { decideRemovals, isMostOf } from '../aggregate/removal-guard.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { highestPeak } from '../catalog/row-peaks.ts';
import type { Unsettled } from '../fetch/unsettled.ts';
import type { Conditions } from '../health/conditions.ts';
import { findPublished, isUnexpected, manifestOf } from '../processed/find-published.ts';
import { listProcessed, type ProcessedListing } from '../processed/list-processed.ts';
import { announceAndPrune, publishGeneration } from '../publish/publish-generation.ts';
import type { RetryQueue } from '../publish/retry-queue.ts';
import { recover } from '../recovery/recover.ts';
import { repairPublished } from '../recovery/repair.ts';
import { keepFolderRejects } from '../scan/folder-rejects.ts';
import { noteFolders, scan, sortedWhereNeeded } from '../scan/scan-source.ts';
import type { OnProgress } from './progress.ts';

/** What an ingestor works on. */
export interface Ingestion {
  store: ObjectStore;
  catalog: Catalog;
  conditions: Conditions;
  sourceBucket: string;
  processedBucket: string;
  /** A folder of the service's own. */
  stateDir: string;
  fetchConcurrency: number;
  /** How long the removal guard remembers how many rows there were, ms. */
  guardWindowMs: number;
  /**
   * The highest generation that is known elsewhere than in the processed bucket and the catalog, 0 when none is or
   * nobody knows. Each is asked before a generation is published.
   */
  highestKnown: readonly (() => Promise<number>)[];
  retryQueue: RetryQueue;
  /** Generations whose snapshots are kept in any case. */
  keepGenerations: number;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
  /** Called with files that were being written and have to be read later. */
  onUnsettled: (unsettled: Unsettled) => void;
}

/** How much of the bucket a run looks at. */
export interface Scope {
  /** Only these objects; undefined for a listing of all there are. */
  keys: readonly string[] | undefined;
  /** Whether removals are applied that the removal guard would hold back. */
  force: boolean;
  /** Whether to wait for files that are being written; otherwise a later run reads them. */
  waits: boolean;
}

/** What is published when an ingestion is over. */
export interface Outcome {
  manifest: Manifest;
  /** Whether it is a generation that this ingestion published. */
  published: boolean;
  /** Whether the whole source bucket was listed. */
  hasListed: boolean;
}

/**
 * Mirrors the source bucket into the published data set: scan → match → fetch → parse → aggregate → publish. When neither
 * rows nor rejects differ from what is published, nothing is published; a run that lists everything then repairs what
 * the manifest names.
 *
 * @param scope a run that looks at some objects only finds no others. Where the manifest is not the catalog's own, it
 *   lists everything
 * @param counts is filled in step by step, so that of a run that fails one sees how far it came
 * @param now the run's clock, ms since 1970 UTC
 * @throws StoreError, LeadershipLostError, UnusableStateError
 */
export async function ingest(
  ingestion: Ingestion,
  scope: Scope,
  counts: RunCounts,
  now: number,
  onProgress: OnProgress,
): Promise<Outcome> {
  const { store, catalog, processedBucket, conditions, log } = ingestion;
  const found = await findPublished(store, processedBucket, catalog);
  const published = manifestOf(found);
  const hasListed = !scope.keys || isUnexpected(found);
  const keys = hasListed ? undefined : scope.keys;
  const listing = hasListed ? await listProcessed(store, processedBucket) : undefined;
  const since = now - ingestion.guardWindowMs;
  if (found.kind === 'damaged') conditions.set('manifest_damaged', found.why);

  onProgress('list', 0, null);
  let lost: string | undefined;
  const seen = await sortedWhereNeeded(ingestion, () =>
    // Recovery and listing together: after recovery alone, all users would seem to have no objects.
    catalog.transaction(async () => {
      lost = await recover({ ...ingestion, since, now }, found, listing ?? new Map());
      const seen = await scan(ingestion, keys, (listed) => onProgress('list', listed, null));
      const { listed, unchanged, passedOver } = seen;
      Object.assign(counts, { listed, unchanged, passed_over: passedOver });
      if (hasListed) keepFolderRejects(catalog, seen.folders, now);
      if (hasListed) catalog.queueUnreadable();
      catalog.queueRejectsValidAt(now);
      catalog.queueUnsettled();
      return seen;
    }),
  );
  if (hasListed) noteFolders(ingestion, seen);
  if (lost !== undefined) {
    conditions.set('state_damaged', lost);
    log.error({ why: lost }, 'published rows could not be restored');
  }

  await reconcileSettled(ingestion, scope.waits, counts, now, (done, total) =>
    onProgress('fetch', done, total),
  );
  const { manifest: known, rowPeaks } = catalog.publishState();
  const base = published ?? known;
  const peaks = [...rowPeaks, ...(base?.row_peaks ?? [])];
  // Without any manifest, what was restored from a snapshot is what was published.
  const rows = base?.rows ?? catalog.rowCount();
  const peak = highestPeak(rows, peaks, since);
  const rowsBefore = Math.min(rows, base?.rows_before_held ?? rows);
  const { removed, held } = await decideRemovals(catalog, { peak, rows: rowsBefore, force: scope.force });
  counts.removed = removed;
  counts.rejected = catalog.rejectCount();
  counts.orphan_images = catalog.orphanImages();
  // Rows that could not be restored cannot be held back one by one: nothing is published then.
  const missing = scope.force || !published || !lost ? 0 : published.rows - catalog.rowCount();
  const isBlocked = published !== undefined && isMostOf(missing, published.rows);
  counts.held = isBlocked ? held + missing : held;
  settle();

  const isPublished = published !== undefined && !catalog.publishState().dirty;
  if (published && (isPublished || isBlocked)) {
    const unannounced = found.kind === 'unconfirmed' ? (catalog.publishState().counts ?? counts) : undefined;
    const manifest = listing && !isBlocked ? await repair(published, listing) : published;
    clearDamage();
    await announceAndPrune(ingestion, manifest, unannounced, listing);
    return { manifest, published: false, hasListed };
  }
  onProgress('publish', 0, null);
  const manifest = await publishGeneration(ingestion, {
    found,
    listing: listing ?? (await listProcessed(store, processedBucket)),
    peaks: scope.force ? { kind: 'discard' } : { kind: 'keep', peaks },
    rowsBeforeHeld: held > 0 ? rowsBefore : undefined,
    counts,
    since,
    now,
  });
  clearDamage();
  return { manifest, published: true, hasListed };

  /** Sets and clears what this run can tell. */
  function settle(): void {
    if (counts.held) {
      const missing = `${counts.held} of ${rows} rows have no record object any more`;
      const why = `and without them less than half of the data set would be left (at most ${peak} rows lately)`;
      conditions.set(
        'removals_held',
        `${missing}, ${why}: was the source bucket emptied, or mounted wrongly?`,
      );
    } else conditions.clear('removals_held');
    if (isMostOf(counts.updated, rows)) {
      conditions.set('many_overwritten', `one run changed ${counts.updated} of ${rows} rows`);
    } else if (hasListed) conditions.clear('many_overwritten');
  }

  /** Damage that this run found stays visible until one finds none. */
  function clearDamage(): void {
    if (hasListed && found.kind !== 'damaged') conditions.clear('manifest_damaged');
    if (hasListed && lost === undefined) conditions.clear('state_damaged');
  }

  async function repair(manifest: Manifest, listing: ProcessedListing): Promise<Manifest> {
    const etag = catalog.publishState().etag ?? '';
    const repaired = await repairPublished(ingestion, { manifest, etag }, listing);
    counts.written = repaired.written;
    if (repaired.isCatalogWrong) {
      catalog.discardPublished();
      lost = 'the state is not what was published: the next run makes it again from the two buckets';
      conditions.set('state_damaged', lost);
      log.error(lost);
    }
    return repaired.manifest;
  }
}
