import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { RunCounts } from '@landfall/contracts/messages/run';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { Catalog } from '../catalog/catalog.ts';
import { mergePeaks, type RowPeak } from '../catalog/row-peaks.ts';
import { copyDamagedManifest } from '../processed/damaged-manifests.ts';
import { type FoundManifest, manifestOf } from '../processed/find-published.ts';
import { highestListedGeneration, type ProcessedListing } from '../processed/list-processed.ts';
import { manifestText, putManifest, unchangedSince } from './put-manifest.ts';
import { spoolFolder, spoolOutput, spoolRejects } from './spool-data-set.ts';
import { objectsOf, uploadDataSet } from './upload.ts';
import { writeDelta } from './write-delta.ts';

/** How long each source of generation numbers is waited for, ms. */
const ASK_WITHIN_MS = 5_000;

/** What publishing works on. */
export interface Publishing {
  store: ObjectStore;
  processedBucket: string;
  catalog: Catalog;
  stateDir: string;
  highestKnown: readonly (() => Promise<number>)[];
  log: Logger;
}

/** What is published, and over what. */
export interface NewGeneration {
  found: FoundManifest;
  listing: ProcessedListing;
  /** Row counts of earlier generations; undefined to forget them. */
  peaks: readonly RowPeak[] | undefined;
  /** While removals are held back, how many rows there were when that began. */
  rowsBeforeHeld: number | undefined;
  /** Of the run; `written` is filled in. */
  counts: RunCounts;
  /** The begin of the removal guard's window, ms since 1970 UTC. */
  since: number;
  /** The run's clock, ms since 1970 UTC. */
  now: number;
}

/**
 * Publishes the catalog as the next generation: the objects first, then the manifest that names them, then the catalog
 * notes it. A crash in between is told by the attempt that the catalog noted before.
 *
 * @throws LeadershipLostError when another ingestor has replaced the manifest
 * @throws StoreError, UnusableStateError
 */
export async function publishGeneration(
  { store, processedBucket, catalog, stateDir, highestKnown, log }: Publishing,
  { found, listing, peaks, rowsBeforeHeld, counts, since, now }: NewGeneration,
): Promise<Manifest> {
  const folder = spoolFolder(stateDir);
  const published = manifestOf(found);
  const users = await spoolOutput(catalog, folder);
  const rejects = await spoolRejects(catalog, folder);
  const delta = await writeDelta(catalog, published, users.rows, folder);
  const files = { users, rejects, delta };
  const version = users.sha256;

  const { attempt, manifest: known } = catalog.publishState();
  const own = attempt?.version === version ? attempt : undefined;
  const asked = await Promise.all(highestKnown.map((ask) => within(ASK_WITHIN_MS, ask())));
  const generation =
    1 +
    Math.max(
      published?.generation ?? 0,
      known?.generation ?? 0,
      own ? 0 : (attempt?.generation ?? 0),
      highestListedGeneration(listing, own),
      ...asked,
    );
  catalog.setAttempt({ generation, version });
  const objects = await uploadDataSet({ store, bucket: processedBucket }, files, generation, now);

  const base = published ?? known;
  const superseded = base ? [{ rows: base.rows, until: new Date(now).toISOString() }] : [];
  const rowPeaks = peaks ? mergePeaks([...peaks, ...superseded], since) : [];
  const manifest: Manifest = {
    ...objects,
    ...(rowPeaks.length > 0 ? { row_peaks: rowPeaks } : {}),
    ...(rowsBeforeHeld !== undefined ? { rows_before_held: rowsBeforeHeld } : {}),
  };
  if (found.kind === 'damaged') {
    const key = await copyDamagedManifest(store, processedBucket, found.bytes, listing, now);
    log.error({ key, why: found.why }, 'manifest.json cannot be understood: it was set aside');
  }
  const text = manifestText(manifest);
  counts.written = objectsOf(files) + (found.kind === 'damaged' ? 1 : 0);
  catalog.setAttempt({ generation, version, text, counts });
  const before = found.kind === 'none' ? undefined : found.etag;
  const etag = await putManifest(store, processedBucket, text, unchangedSince(before));
  catalog.setPublished({ text, etag }, counts);
  catalog.setRowPeaks([]);
  return manifest;
}

/** A source of generation numbers that does not answer in time is passed over: the others know as well. */
async function within(ms: number, asked: Promise<number>): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<number>((resolve) => {
    timer = setTimeout(resolve, ms, 0);
  });
  return Promise.race([asked, late]).finally(() => clearTimeout(timer));
}
