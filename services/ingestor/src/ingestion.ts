import path from 'node:path';
import { type Manifest, OUTPUT_KEY } from '@landfall/contracts/manifest';
import type { RunCounts } from '@landfall/contracts/run';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Catalog } from './catalog.ts';
import type { Conditions } from './conditions.ts';
import { writeDelta } from './delta.ts';
import { objectsWritten, publish } from './publish.ts';
import { reconcile } from './reconcile.ts';
import { recover } from './recover.ts';
import { MassRemovalError, removalGuard } from './removal-guard.ts';
import type { OnProgress } from './run-progress.ts';
import { type Seen, scanBucket, scanKeys } from './scan.ts';
import { spool } from './spool.ts';

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
  /** The highest generation that was ever announced; 0 when none was or nobody knows. */
  lastAnnounced: () => Promise<number>;
}

/** How much of the bucket a run looks at. */
export interface Scope {
  /** Only these objects; undefined for a listing of all there are. */
  keys: readonly string[] | undefined;
  /** Whether more than half of the users may be dropped. */
  force: boolean;
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
  await catalog.transaction(async () => {
    const seen = await scan(ingestion, scope.keys, (listed) => onProgress('list', listed, null));
    Object.assign(counts, { listed: seen.listed, unchanged: seen.unchanged });
    catalog.makeBornDue(now);
    guard.checkScan(seen.gone);
  });

  try {
    await reconcile(ingestion, guard, counts, now, (done, total) => onProgress('fetch', done, total));
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

function scan(
  { store, catalog, sourceBucket, fetchConcurrency }: Ingestion,
  keys: readonly string[] | undefined,
  onProgress: (listed: number) => void,
): Promise<Seen> {
  return keys
    ? scanKeys(store, sourceBucket, catalog, keys, fetchConcurrency)
    : scanBucket(store, sourceBucket, catalog, onProgress);
}
