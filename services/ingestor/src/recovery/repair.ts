import type { Manifest, PublishedObject } from '@landfall/contracts/dataset/manifest';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { Catalog } from '../catalog/catalog.ts';
import type { ProcessedListing } from '../processed/list-processed.ts';
import { hasSha256 } from '../processed/verified-read.ts';
import { manifestText, putManifest, unchangedSince } from '../publish/put-manifest.ts';
import type { SpooledFile } from '../publish/spool.ts';
import { spoolFolder, spoolOutput, spoolRejects } from '../publish/spool-data-set.ts';
import { upload } from '../publish/upload.ts';

/** What repairing works on. */
export interface Repair {
  store: ObjectStore;
  processedBucket: string;
  catalog: Catalog;
  stateDir: string;
  log: Logger;
}

/** What is published after a repair. */
export interface Repaired {
  manifest: Manifest;
  /** How many objects were written. */
  written: number;
  /** The catalog is not what the manifest says, so that nothing was written from it. */
  isCatalogWrong: boolean;
}

type Named = 'snapshot' | 'output' | 'rejects_snapshot' | 'rejects';

/**
 * Compares what the manifest names with a listing of the processed bucket, and mends it without a new generation: what is
 * missing or different is written again from the catalog, a delta that is not there is no longer named, and a manifest
 * with other ETags is put again.
 *
 * @param published the manifest that the catalog published last; nothing has changed since
 * @throws LeadershipLostError when another ingestor has replaced the manifest
 * @throws StoreError when the store cannot be read or written
 */
export async function repairPublished(
  repair: Repair,
  published: { manifest: Manifest; etag: string },
  listing: ProcessedListing,
): Promise<Repaired> {
  const { store, processedBucket: bucket, catalog, stateDir, log } = repair;
  const { manifest } = published;
  const mended: Manifest = { ...manifest };
  const checksums: Record<Named, string | undefined> = {
    snapshot: manifest.version,
    output: manifest.version,
    rejects_snapshot: manifest.rejects_snapshot.sha256,
    rejects: manifest.rejects.sha256,
  };
  let written = 0;

  for (const names of [['snapshot', 'output'] as const, ['rejects_snapshot', 'rejects'] as const]) {
    let file: SpooledFile | undefined;
    for (const name of names) {
      const object = manifest[name];
      const etag = await intactEtag(repair, object, checksums[name], listing);
      if (etag !== undefined) {
        if (etag !== object.etag) mended[name] = { ...object, etag };
        continue;
      }
      file ??= await (names[0] === 'snapshot' ? spoolOutput : spoolRejects)(catalog, spoolFolder(stateDir));
      if (!isSame(file, object, checksums[name])) return { manifest, written, isCatalogWrong: true };
      mended[name] = await upload({ store, bucket }, file, object.key);
      written++;
      log.warn({ key: object.key }, 'a published object was missing or different, and is written again');
    }
  }

  if (manifest.delta) {
    const etag = await intactEtag(repair, manifest.delta, manifest.delta.sha256, listing);
    if (etag === undefined) {
      delete mended.delta;
      log.warn({ key: manifest.delta.key }, 'a delta is missing or different, and is not named any longer');
    } else if (etag !== manifest.delta.etag) mended.delta = { ...manifest.delta, etag };
  }

  const text = manifestText(mended);
  if (text === manifestText(manifest)) return { manifest, written, isCatalogWrong: false };
  const { generation, version } = mended;
  const { counts } = catalog.publishState();
  catalog.setAttempt({ generation, version, text, counts });
  const etag = await putManifest(store, bucket, text, unchangedSince(published.etag));
  catalog.setPublished({ text, etag }, counts);
  log.warn({ generation }, 'the manifest is put again, with what is there now');
  return { manifest: mended, written: written + 1, isCatalogWrong: false };
}

/**
 * The ETag under which an object is intact; undefined when it is missing or different. One that was written again, and
 * has the same size, is read and compared by its checksum.
 */
async function intactEtag(
  { store, processedBucket }: Repair,
  { key, size, etag }: PublishedObject,
  sha256: string | undefined,
  listing: ProcessedListing,
): Promise<string | undefined> {
  const listed = listing.get(key);
  if (listed?.size !== size) return undefined;
  if (listed.etag === etag) return etag;
  const isIntact = sha256 !== undefined && (await hasSha256(store, processedBucket, key, sha256));
  return isIntact ? listed.etag : undefined;
}

/** Whether a file of the catalog is what the manifest names. */
const isSame = (file: SpooledFile, { size, rows }: PublishedObject, sha256: string | undefined): boolean =>
  sha256 === undefined ? file.size === size && file.rows === rows : file.sha256 === sha256;
