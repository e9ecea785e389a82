import path from 'node:path';
import { type Manifest, OUTPUT_KEY } from '@landfall/contracts/manifest';
import type { RunCounts } from '@landfall/contracts/run';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { Catalog } from './catalog.ts';
import type { Conditions } from './conditions.ts';
import { writeDelta } from './delta.ts';
import { UnorderedListingError } from './diff.ts';
import { keepFolderRejects } from './folder-rejects.ts';
import { objectsWritten, publish } from './publish.ts';
import { reconcile } from './reconcile.ts';
import { recover } from './recover.ts';
import { MassRemovalError, removalGuard } from './removal-guard.ts';
import type { OnProgress } from './run-progress.ts';
import { type Seen, scanBucket, scanKeys } from './scan.ts';
import { spool } from './spool.ts';
import { settlesIn, type Unsettled } from './unsettled.ts';

/** What an ingestion works on. */
export interface Ingestion {
  store: ObjectStore;
  catalog: Catalog;
  conditions: Conditions;
  sourceBucket: string;
  processedBucket: string;
  /** A folder of the service's own. */
  stateDir: string;
  fetchConcurrency: number;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
  /** Called with files that were being written and have to be read later. */
  onUnsettled: (unsettled: Unsettled) => void;
  /** The highest generation that was ever announced; 0 when none was or nobody knows. */
  lastAnnounced: () => Promise<number>;
}

/** How much of the bucket a run looks at. */
export interface Scope {
  /** Only these objects; undefined for a listing of all there are. */
  keys: readonly string[] | undefined;
  /** Whether more than half of the users may be dropped. */
  force: boolean;
  /** Whether to wait for files that are being written; otherwise a later run reads them. */
  waits: boolean;
}

/** What is published when an ingestion is over, and whether it was this one that did. */
export interface Outcome {
  manifest: Manifest;
  published: boolean;
}

/**
 * Mirrors the source bucket into the published data set: scan → match → fetch → parse → aggregate → publish.
 * When neither rows nor rejects differ from what is published, nothing is written.
 *
 * @param scope a run that looks at some objects only finds no others
 * @param counts is filled in step by step, so that of a run that fails one sees how far it came
 * @param now the run's clock, ms since 1970 UTC
 * @throws StoreError, ManifestError, MassRemovalError
 */
export async function ingest(
  ingestion: Ingestion,
  scope: Scope,
  counts: RunCounts,
  now: number,
  onProgress: OnProgress,
): Promise<Outcome> {
  const { store, catalog, processedBucket } = ingestion;
  const published = await recover(store, processedBucket, catalog);
  const guard = removalGuard(catalog, published, scope.force);

  onProgress('list', 0, null);
  const seen = await sortedWhereNeeded(ingestion, () =>
    catalog.transaction(async () => {
      const seen = await scan(ingestion, scope.keys, (listed) => onProgress('list', listed, null));
      const { listed, unchanged, passedOver } = seen;
      Object.assign(counts, { listed, unchanged, passed_over: passedOver });
      if (!scope.keys) keepFolderRejects(catalog, seen.folders, now);
      if (!scope.keys) catalog.makeRetriedDue();
      catalog.makeBornDue(now);
      catalog.makeUnsettledDue();
      guard.checkScan(seen.gone);
      return seen;
    }),
  );
  if (!scope.keys) noteFolders(ingestion, seen);

  try {
    const takeIn = (takesAll: boolean) =>
      reconcile(ingestion, guard, counts, now, (done, total) => onProgress('fetch', done, total), takesAll);
    let unsettled = await takeIn(false);
    if (unsettled && scope.waits) {
      const ms = settlesIn(unsettled, ingestion.clock());
      await new Promise((resolve) => setTimeout(resolve, ms));
      await catalog.transaction(() => catalog.makeUnsettledDue());
      unsettled = await takeIn(true);
    }
    if (unsettled) ingestion.onUnsettled(unsettled);
  } catch (error) {
    // Half of the users are gone from the catalog by then, and with them the last good versions of broken ones.
    if (error instanceof MassRemovalError) catalog.forgetPublished();
    throw error;
  }
  counts.rejected = catalog.rejectCount();
  counts.orphan_images = catalog.orphanImages();
  const { manifest: known, dirty } = catalog.publication();
  if (published && !dirty) return { manifest: published, published: false };

  onProgress('publish', 0, null);
  const spoolDir = path.join(ingestion.stateDir, 'spool');
  const users = await spool(path.join(spoolDir, OUTPUT_KEY), catalog.output());
  guard.checkLeft(users.rows);
  const delta = await writeDelta(catalog, published, users.rows, spoolDir);
  const highest = Math.max(
    published?.generation ?? 0,
    known?.generation ?? 0,
    await ingestion.lastAnnounced(),
  );
  const manifest = await publish(
    store,
    processedBucket,
    catalog,
    { users, delta },
    highest + 1,
    spoolDir,
    now,
  );
  counts.written = objectsWritten(manifest);
  return { manifest, published: true };
}

/** Scans once more where the listing turns out to be out of order: what is found then is sorted first. */
async function sortedWhereNeeded({ catalog, log }: Ingestion, scanOnce: () => Promise<Seen>): Promise<Seen> {
  const spool = catalog.listingSpool;
  try {
    const seen = await scanOnce();
    if (seen.repeated > 0) log.warn(`the listing named ${seen.repeated} keys twice; they count once`);
    return seen;
  } catch (error) {
    if (!(error instanceof UnorderedListingError) || spool.isRequired()) throw error;
    log.warn(`${error.message}: from now on listings are sorted before they are compared`);
    spool.require();
    return await scanOnce();
  }
}

/** After a full listing it is known which folders cannot be listed. */
function noteFolders({ conditions }: Ingestion, { folders }: Seen): void {
  const unreadable = folders.filter(({ fault }) => fault.code === 'unreadable');
  const [first, ...others] = unreadable;
  if (!first) {
    conditions.clear('folder_unreadable');
    return;
  }
  const more = others.length > 0 ? ` and ${others.length} other folders` : '';
  conditions.set('folder_unreadable', `${first.key}${more} cannot be listed: ${first.fault.detail}`);
}

function scan(
  { store, catalog, sourceBucket, fetchConcurrency }: Ingestion,
  keys: readonly string[] | undefined,
  onProgress: (listed: number) => void,
): Promise<Seen> {
  return keys
    ? scanKeys(store, sourceBucket, catalog, keys, fetchConcurrency)
    : scanBucket(store, sourceBucket, catalog, onProgress);
}
