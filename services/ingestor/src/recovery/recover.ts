import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { readRejects } from '@landfall/contracts/dataset/reject-codec';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { Catalog } from '../catalog/catalog.ts';
import { mergePeaks } from '../catalog/row-peaks.ts';
import type { FoundManifest } from '../processed/find-published.ts';
import { newestSnapshot, type ProcessedListing } from '../processed/list-processed.ts';
import { type Expected, readVerified, UnverifiedError } from '../processed/verified-read.ts';

const codec = rowCodec(USERS);

/** What recovery works on. */
export interface Recovery {
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
 * Brings the catalog to what was found, in the transaction of the listing that follows.
 *
 * A foreign manifest leads: its rows become the last good versions, and every object is listed and read again. Rows that
 * do not match their checksum are never taken: then the catalog leads, as it does when there is no manifest or a damaged
 * one. A new catalog takes the newest snapshot that can be verified.
 *
 * @returns what could not be restored; undefined when nothing is missing
 * @throws StoreError when the store cannot be read
 */
export async function recover(
  recovery: Recovery,
  found: FoundManifest,
  listing: ProcessedListing,
): Promise<string | undefined> {
  const { catalog } = recovery;
  switch (found.kind) {
    case 'own':
      if (found.isMoved) catalog.setEtag(found.etag);
      return undefined;
    case 'unconfirmed':
      catalog.setPublished(found, catalog.publication().attempt?.counts);
      catalog.setRowPeaks([]);
      return undefined;
    case 'foreign':
      return await recoverForeign(recovery, found, found.manifest);
    default:
      return await recoverWithoutManifest(recovery, listing);
  }
}

async function recoverForeign(
  recovery: Recovery,
  found: { text: string; etag: string },
  { snapshot, output, rejects_snapshot, rejects, version, rows }: Manifest,
): Promise<string | undefined> {
  const { catalog, log } = recovery;
  const known = catalog.publication().manifest;
  if (known) notePeak(recovery, known.rows, known.row_peaks);
  const sources = [snapshot, output].map(({ key, size }) => ({ key, size, rows, sha256: version }));
  const faults = [rejects_snapshot, rejects].map(({ key, size, rows, sha256 }) => ({
    key,
    size,
    rows,
    sha256,
  }));
  const isRestored = await restore(recovery, sources, faults);
  if (isRestored) {
    catalog.setPublished(found, undefined);
    const why = known ? 'the manifest is not the one that was published last' : 'the catalog is new';
    log.warn({ rows }, `${why}: the published rows are restored, and every object is read again`);
    return undefined;
  }
  catalog.setDirty();
  return 'the published rows do not match their checksums: what a broken file said before may be lost';
}

async function recoverWithoutManifest(
  recovery: Recovery,
  listing: ProcessedListing,
): Promise<string | undefined> {
  const { catalog, log } = recovery;
  if (!catalog.isNew()) {
    catalog.setDirty();
    return undefined;
  }
  const newest = newestSnapshot(listing);
  if (!newest) return undefined;
  const { key, version } = newest;
  catalog.setDirty();
  if (!(await restore(recovery, [{ key, sha256: version }], []))) {
    return `${key} does not match its checksum: what a broken file said before may be lost`;
  }
  notePeak(recovery, catalog.userCount(), []);
  log.warn({ key }, 'there is no manifest: the rows of the newest snapshot lead');
  return undefined;
}

/** The next manifest holds the peaks; until then the catalog does. */
function notePeak(
  { catalog, since, now }: Recovery,
  rows: number,
  earlier: Manifest['row_peaks'] = [],
): void {
  const until = new Date(now).toISOString();
  catalog.setRowPeaks(mergePeaks([...catalog.publication().rowPeaks, ...earlier, { rows, until }], since));
}

/**
 * Takes the rows of the first source that can be verified as last good versions, with unknown versions of their records.
 *
 * @returns false when none can; the catalog is as it was then
 */
async function restore(
  { store, processedBucket, catalog, log }: Recovery,
  sources: readonly Expected[],
  rejects: readonly Expected[],
): Promise<boolean> {
  const isRestored = await firstVerified(catalog, sources, log, async (source) => {
    catalog.forget();
    const users = catalog.userWriter();
    await readVerified(store, processedBucket, source, codec.readOutput, (batch) => {
      for (const user of batch)
        users.put({ userId: String(user.user_id), line: codec.formatRow(user), record: null });
    });
    users.flush();
  });
  if (!isRestored) return false;
  // Only since when each is known would be lost.
  await firstVerified(catalog, rejects, log, (source) =>
    readVerified(
      store,
      processedBucket,
      source,
      (bytes) => readRejects(USERS, bytes),
      (batch) => {
        for (const reject of batch) catalog.putReject({ ...reject, etag: null, size: null, values: null });
      },
    ),
  );
  catalog.makeAllDue();
  return true;
}

/**
 * Each source is tried twice: what was cut off on its way is whole the second time.
 *
 * @returns false when none can be verified
 * @throws StoreError access_denied when that is so because of missing permissions, which somebody can give
 */
async function firstVerified(
  catalog: Catalog,
  sources: readonly Expected[],
  log: Logger,
  read: (source: Expected) => Promise<void>,
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
