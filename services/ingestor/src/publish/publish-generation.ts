import { MANIFEST_KEY, type Manifest } from '@landfall/contracts/dataset/manifest';
import { isOfDefinition, manifestDefinition } from '@landfall/contracts/definition/manifest-definition';
import type { RunCounts } from '@landfall/contracts/messages/run';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import { inSpan, type Span } from '@landfall/tracing/span';
import type { Catalog } from '../catalog/catalog.ts';
import { mergePeaks, type RowPeak } from '../catalog/row-peaks.ts';
import { copyDamagedManifest } from '../processed/damaged-manifests.ts';
import { type FoundManifest, manifestOf } from '../processed/find-published.ts';
import type { ProcessedListing } from '../processed/list-processed.ts';
import { announce } from './announce.ts';
import { nextGeneration } from './next-generation.ts';
import { pruneSnapshots } from './prune-snapshots.ts';
import { putDataPackage } from './put-data-package.ts';
import { formatManifest, ifUnchanged, putManifest } from './put-manifest.ts';
import type { RetryQueue } from './retry-queue.ts';
import { spoolDataSet } from './spool-data-set.ts';
import { publishedObjectCount, uploadDataSet } from './upload-data-set.ts';

/** The dependencies of publishing. */
export interface PublishDeps {
  store: ObjectStore;
  processedBucket: string;
  catalog: Catalog;
  stateDir: string;
  /**
   * Read the highest generation that is known outside of the processed bucket and the catalog; 0 if there is none. All are
   * read before a generation is published.
   */
  highestKnown: readonly (() => Promise<number>)[];
  retryQueue: RetryQueue;
  /** Generations whose snapshots are kept in any case. */
  keepGenerations: number;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

/** What a generation is made of besides the catalog. */
export interface NewGeneration {
  found: FoundManifest;
  listing: ProcessedListing;
  /** Row counts of earlier generations that the manifest keeps. A forced run discards them. */
  peaks: { kind: 'keep'; peaks: readonly RowPeak[] } | { kind: 'discard' };
  /** While removals are held back, the number of rows when that began; otherwise undefined. */
  rowsBeforeHeld: number | undefined;
  /** Of the run; `written` is set. */
  counts: RunCounts;
  /** The begin of the removal guard's window, ms since 1970 UTC. */
  since: number;
  /** The run's clock, ms since 1970 UTC. */
  now: number;
  /** Of the phase that publishes. */
  span: Span;
}

/**
 * Publishes the catalog as the next generation. The order makes each crash recoverable:
 *
 * 1. Spool the files locally: the checksum of output.csv is the version.
 * 2. Choose a number above every known generation, and record the attempt in the catalog.
 * 3. Upload snapshots and delta, and replace output.csv and rejects.csv. The manifest names all of them, so they come first;
 *    datapackage.json describes output.csv, so it is replaced at the same time.
 * 4. Put the manifest, if it is unchanged since it was read. From here on readers use the new generation.
 * 5. Commit the publication to the catalog. After a crash between 4 and 5, the next run finds its own attempt's manifest.
 * 6. Announce the generation and prune old snapshots. After a crash before that, the next leader announces it.
 *
 * @returns the published manifest
 * @throws LeadershipLostError if another ingestor has replaced the manifest
 * @throws StoreError, UnusableStateError
 */
export async function publishGeneration(deps: PublishDeps, next: NewGeneration): Promise<Manifest> {
  const { store, processedBucket: bucket, catalog, stateDir } = deps;
  const { found, listing, counts, now, span } = next;

  const files = await spoolDataSet(catalog, manifestOf(found), stateDir);

  const version = files.output.sha256;
  const generation = await nextGeneration(deps, version, found, listing);
  catalog.setAttempt({ generation, version });

  const to = { store, bucket };
  const [uploaded, packagesWritten] = await inSpan(span.child('upload', { kind: 'client' }), () =>
    Promise.all([uploadDataSet(to, files, generation, now), putDataPackage(to, catalog.definition, listing)]),
  );
  const manifest = {
    ...uploaded,
    ...manifestDefinition(catalog.definition),
    ...guardState(catalog, next),
  };

  if (found.kind === 'damaged') await preserveDamaged(deps, found, next);
  const text = formatManifest(manifest);
  counts.written = publishedObjectCount(files) + packagesWritten + (found.kind === 'damaged' ? 1 : 0);
  catalog.setAttempt({ generation, version, text, counts });
  const replaced = found.kind === 'none' ? undefined : found.etag;
  const etag = await inSpan(span.child(`put ${MANIFEST_KEY}`, { kind: 'client' }), () =>
    putManifest(store, bucket, text, ifUnchanged(replaced)),
  );

  catalog.setPublished({ text, etag }, counts);
  catalog.setRowPeaks([]);

  await announceAndPrune(deps, manifest, counts, listing, span);
  return manifest;
}

/**
 * The last step of a publication. A run that publishes nothing new calls it, too: to announce an unconfirmed publication of
 * an earlier run, and to prune snapshots that have become old.
 *
 * @param counts of the run that published the manifest; undefined if it has been announced
 * @param listing the processed bucket; undefined if it was not listed: then nothing is pruned
 * @param span of the run, or its phase
 */
export async function announceAndPrune(
  deps: Pick<PublishDeps, 'store' | 'processedBucket' | 'retryQueue' | 'keepGenerations' | 'clock' | 'log'>,
  manifest: Manifest,
  counts: RunCounts | undefined,
  listing: ProcessedListing | undefined,
  span: Span,
): Promise<void> {
  const { store, processedBucket, retryQueue, keepGenerations, clock, log } = deps;
  if (counts) await announce(retryQueue, manifest, counts, span);
  if (!listing) return;
  try {
    await pruneSnapshots(store, processedBucket, listing, manifest, keepGenerations, clock());
  } catch (error) {
    // Old snapshots only take space, so the run does not fail. The next run tries again.
    log.warn({ err: error }, 'old snapshots could not be removed');
  }
}

/** What the manifest stores for the removal guard. */
function guardState(
  catalog: Catalog,
  { found, peaks, rowsBeforeHeld, since, now }: NewGeneration,
): Pick<Manifest, 'row_peaks' | 'rows_before_held'> {
  const newest = manifestOf(found) ?? catalog.publishState().manifest;
  const base = newest && isOfDefinition(newest, catalog.definition) ? newest : undefined;
  const superseded = base ? [{ rows: base.rows, until: new Date(now).toISOString() }] : [];
  const rowPeaks = peaks.kind === 'keep' ? mergePeaks([...peaks.peaks, ...superseded], since) : [];
  return {
    ...(rowPeaks.length > 0 ? { row_peaks: rowPeaks } : {}),
    ...(rowsBeforeHeld !== undefined ? { rows_before_held: rowsBeforeHeld } : {}),
  };
}

/** Copies a manifest.json that cannot be parsed, before it is replaced. */
async function preserveDamaged(
  { store, processedBucket, log }: PublishDeps,
  { bytes, why }: { bytes: Uint8Array; why: string },
  { listing, now }: NewGeneration,
): Promise<void> {
  const key = await copyDamagedManifest(store, processedBucket, bytes, listing, now);
  log.error({ key, why }, 'manifest.json cannot be parsed: it was set aside');
}
