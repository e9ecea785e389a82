import path from 'node:path';
import type { Manifest } from '@landfall/contracts/manifest';
import type { RunCounts, RunPhase } from '@landfall/contracts/run';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Catalog } from './catalog.ts';
import { fetchRecords } from './fetch.ts';
import { countOrphanImages } from './match.ts';
import { OBJECTS_WRITTEN, publish } from './publish.ts';
import { reconcile } from './reconcile.ts';
import { recover } from './recover.ts';
import { scan } from './scan.ts';

/** What an ingestion works on. */
export interface Ingestion {
  store: ObjectStore;
  catalog: Catalog;
  sourceBucket: string;
  processedBucket: string;
  /** A folder of the service's own. */
  stateDir: string;
  fetchConcurrency: number;
  /** The highest generation that was ever announced; 0 when none was or nobody knows. */
  lastAnnounced: () => Promise<number>;
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
 * @param counts is filled in step by step, so that of a run that fails one sees how far it came
 * @param now the run's clock, ms since 1970 UTC
 * @throws StoreError, ManifestError
 */
export async function ingest(
  ingestion: Ingestion,
  counts: RunCounts,
  now: number,
  onProgress: (phase: RunPhase, done: number, total: number | null) => void,
): Promise<Outcome> {
  const { store, catalog, sourceBucket, processedBucket } = ingestion;
  const published = await recover(store, processedBucket, catalog);

  onProgress('list', 0, null);
  const { claims, listed } = await scan(store, sourceBucket, (soFar) => onProgress('list', soFar, null));
  counts.listed = listed;

  const { records, unchanged } = await fetchRecords(
    store,
    sourceBucket,
    claims,
    catalog,
    ingestion.fetchConcurrency,
    (done, total) => onProgress('fetch', done, total),
  );
  counts.fetched = records.size;
  counts.unchanged = unchanged;
  counts.orphan_images = countOrphanImages(claims);

  const changes = await reconcile(catalog, claims, records, sourceBucket, now, (done, total) =>
    onProgress('aggregate', done, total),
  );
  Object.assign(counts, changes);
  const { manifest: known, dirty } = catalog.publication();
  if (published && !dirty) return { manifest: published, published: false };

  onProgress('publish', 0, null);
  const highest = Math.max(
    published?.generation ?? 0,
    known?.generation ?? 0,
    await ingestion.lastAnnounced(),
  );
  const spoolDir = path.join(ingestion.stateDir, 'spool');
  const manifest = await publish(store, processedBucket, catalog, highest + 1, spoolDir, now);
  counts.written = OBJECTS_WRITTEN;
  return { manifest, published: true };
}
