import { keyColumn } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { readRejects } from '@landfall/contracts/dataset/reject-codec';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { isOfDefinition } from '@landfall/contracts/definition/manifest-definition';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { Catalog } from '../catalog/catalog.ts';
import { mergePeaks } from '../catalog/row-peaks.ts';
import type { FoundManifest } from '../processed/find-published.ts';
import { newestSnapshot, type ProcessedListing } from '../processed/list-processed.ts';
import { type ExpectedObject, readVerified, UnverifiedError } from '../processed/verified-read.ts';

/** The dependencies of recovery. */
export interface RecoveryDeps {
  store: ObjectStore;
  processedBucket: string;
  catalog: Catalog;
  log: Logger;
  /** The begin of the removal guard's window, ms since 1970 UTC. */
  since: number;
  /** The run's clock, ms since 1970 UTC. */
  now: number;
}

/**
 * Makes the catalog consistent with what is published. Runs in the transaction of the listing that follows.
 *
 * - Own manifest: nothing to do.
 * - Unconfirmed manifest: the crashed publication is confirmed.
 * - Foreign manifest of another definition: nothing is restored. Every object is read, and a new generation is published.
 * - Other foreign manifest: its rows become the last good versions, and every object is listed and read again. If the published
 *   rows do not match their checksum, the catalog keeps its own rows and publishes them.
 * - Damaged or no manifest: the catalog publishes its own rows. An empty catalog restores the newest snapshot that can be
 *   verified.
 *
 * @returns why published rows could not be restored; undefined on success
 * @throws StoreError if the store cannot be read
 */
export async function recover(
  deps: RecoveryDeps,
  found: FoundManifest,
  listing: ProcessedListing,
): Promise<string | undefined> {
  const { catalog } = deps;
  switch (found.kind) {
    case 'own':
      if (found.isMoved) catalog.setEtag(found.etag);
      return undefined;
    case 'unconfirmed':
      catalog.setPublished(found, catalog.publishState().attempt?.counts);
      catalog.setRowPeaks([]);
      return undefined;
    case 'foreign':
      if (!isOfDefinition(found.manifest, catalog.definition)) return replaceOtherDataSet(deps);
      return await recoverForeign(deps, found, found.manifest);
    default:
      return await recoverWithoutManifest(deps, listing);
  }
}

/** The published rows have other columns, so the catalog starts from nothing, without a delta and without row counts. */
function replaceOtherDataSet({ catalog, log }: RecoveryDeps): undefined {
  catalog.discardPublished();
  catalog.setRowPeaks([]);
  catalog.setDirty();
  log.warn('the published data set has another definition: every object is read, and it is replaced');
}

async function recoverForeign(
  deps: RecoveryDeps,
  found: { text: string; etag: string },
  { snapshot, output, rejects_snapshot, rejects, version, rows }: Manifest,
): Promise<string | undefined> {
  const { catalog, log } = deps;
  const known = catalog.publishState().manifest;
  if (known) addPeak(deps, known.rows, known.row_peaks);
  const rowSources = [snapshot, output].map(({ key, size }) => ({ key, size, rows, sha256: version }));
  const rejectSources = [rejects_snapshot, rejects].map(({ key, size, rows, sha256 }) => ({
    key,
    size,
    rows,
    sha256,
  }));
  const isRestored = await restore(deps, rowSources, rejectSources);
  if (isRestored) {
    catalog.setPublished(found, undefined);
    const why = known ? 'another manifest than the last published one was found' : 'the catalog is new';
    log.warn({ rows }, `${why}: the published rows are restored, and every object is read again`);
    return undefined;
  }
  catalog.setDirty();
  return 'the published rows do not match their checksums: last good versions of broken records may be lost';
}

async function recoverWithoutManifest(
  deps: RecoveryDeps,
  listing: ProcessedListing,
): Promise<string | undefined> {
  const { catalog, log } = deps;
  if (!catalog.isEmpty()) {
    catalog.setDirty();
    return undefined;
  }
  const newest = newestSnapshot(listing);
  if (!newest) return undefined;
  const { key, version } = newest;
  catalog.setDirty();
  if (!(await restore(deps, [{ key, sha256: version }], []))) {
    return `${key} does not match its checksum: last good versions of broken records may be lost`;
  }
  addPeak(deps, catalog.rowCount(), []);
  log.warn({ key }, 'there is no manifest: the rows of the newest snapshot are restored');
  return undefined;
}

/** Stores row counts in the catalog until the next manifest contains them. */
function addPeak(
  { catalog, since, now }: RecoveryDeps,
  rows: number,
  earlier: Manifest['row_peaks'] = [],
): void {
  const until = new Date(now).toISOString();
  catalog.setRowPeaks(mergePeaks([...catalog.publishState().rowPeaks, ...earlier, { rows, until }], since));
}

/**
 * Replaces the catalog's rows by those of the first source that can be verified, with unknown versions of their records,
 * and queues all of them.
 *
 * @returns false if no source can be verified; the catalog is unchanged then
 */
async function restore(
  { store, processedBucket, catalog, log }: RecoveryDeps,
  rowSources: readonly ExpectedObject[],
  rejectSources: readonly ExpectedObject[],
): Promise<boolean> {
  const { definition } = catalog;
  const codec = rowCodec(definition);
  const key = keyColumn(definition);
  const isRestored = await readFirstVerified(catalog, rowSources, log, async (source) => {
    catalog.clear();
    const writer = catalog.rowWriter();
    await readVerified(store, processedBucket, source, codec.readOutput, (batch) => {
      for (const row of batch)
        writer.put({ rowId: String(row[key]), line: codec.formatRow(row), recordVersion: null });
    });
    writer.flush();
  });
  if (!isRestored) return false;
  // Without the rejects, only the time since when each is known is lost. So their result does not matter.
  await readFirstVerified(catalog, rejectSources, log, (source) =>
    readVerified(
      store,
      processedBucket,
      source,
      (bytes) => readRejects(definition, bytes),
      (batch) => {
        for (const reject of batch) catalog.putReject({ ...reject, etag: null, size: null, values: null });
      },
    ),
  );
  catalog.queueAllRows();
  return true;
}

/**
 * Reads the first source that can be verified. Each source is tried twice: a response that was cut off may be complete the
 * second time.
 *
 * @returns false if no source can be verified
 * @throws StoreError access_denied if permissions are missing: an operator can grant them
 */
async function readFirstVerified(
  catalog: Catalog,
  sources: readonly ExpectedObject[],
  log: Logger,
  read: (source: ExpectedObject) => Promise<void>,
): Promise<boolean> {
  let denied: StoreError | undefined;
  for (const source of [...sources, ...sources]) {
    try {
      await catalog.transaction(() => read(source));
      return true;
    } catch (error) {
      if (!(error instanceof UnverifiedError)) throw error;
      log.warn({ err: error }, 'a published object cannot be verified');
      const { cause } = error;
      if (cause instanceof StoreError && cause.code === 'access_denied') denied = cause;
    }
  }
  if (denied) throw denied;
  return false;
}
