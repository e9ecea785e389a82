import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Manifest, PublishedObject } from '@landfall/contracts/dataset/manifest';
import { isOfDefinition, manifestDefinition } from '@landfall/contracts/definition/manifest-definition';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { Catalog } from '../catalog/catalog.ts';
import type { ProcessedListing } from '../processed/list-processed.ts';
import { hasSha256 } from '../processed/verified-read.ts';
import { putDataPackage } from '../publish/put-data-package.ts';
import { formatManifest, ifUnchanged, putManifest } from '../publish/put-manifest.ts';
import { spoolOutput, spoolRejects } from '../publish/spool-data-set.ts';
import type { SpooledFile } from '../publish/spool-file.ts';
import { uploadFile } from '../publish/upload-data-set.ts';

/** The dependencies of a repair. */
export interface RepairDeps {
  store: ObjectStore;
  processedBucket: string;
  catalog: Catalog;
  stateDir: string;
  log: Logger;
}

/** The result of a repair. */
export interface RepairResult {
  /** The published manifest. */
  manifest: Manifest;
  /** The number of objects that were written. */
  written: number;
  /** Whether the catalog's data differs from the manifest's checksums; nothing is written from the catalog then. */
  isCatalogWrong: boolean;
}

type FileName = 'snapshot' | 'output' | 'rejects_snapshot' | 'rejects';

/**
 * Compares the objects that the manifest names with a listing of the processed bucket, and repairs them without a new
 * generation: missing or different files are written again from the catalog, a missing delta is removed from the manifest,
 * and the manifest is put again if an ETag, or a part of the definition that changes no rows, has changed. datapackage.json is
 * compared with the definition.
 *
 * @param published the manifest that the catalog published last, with no changes since
 * @throws LeadershipLostError if another ingestor has replaced the manifest
 * @throws StoreError if the store cannot be read or written
 */
export async function repairPublished(
  deps: RepairDeps,
  published: { manifest: Manifest; etag: string },
  listing: ProcessedListing,
): Promise<RepairResult> {
  const { manifest } = published;
  const repaired: Manifest = { ...manifest };
  const packages = await repairDataPackage(deps, listing);
  const { written: files, isCatalogWrong } = await repairFiles(deps, manifest, repaired, listing);
  const written = packages + files;
  if (isCatalogWrong) return { manifest, written, isCatalogWrong };
  await repairDelta(deps, manifest, repaired, listing);
  repairDefinition(deps.catalog.definition, manifest, repaired);
  if (formatManifest(repaired) === formatManifest(manifest))
    return { manifest, written, isCatalogWrong: false };
  await replaceManifest(deps, repaired, published.etag);
  return { manifest: repaired, written: written + 1, isCatalogWrong: false };
}

async function repairDataPackage(
  { store, processedBucket: bucket, catalog, log }: RepairDeps,
  listing: ProcessedListing,
): Promise<number> {
  const written = await putDataPackage({ store, bucket }, catalog.definition, listing);
  if (written > 0) log.warn('datapackage.json was missing or different: it was written again');
  return written;
}

async function repairFiles(
  deps: RepairDeps,
  manifest: Manifest,
  repaired: Manifest,
  listing: ProcessedListing,
): Promise<Pick<RepairResult, 'written' | 'isCatalogWrong'>> {
  const { store, processedBucket: bucket, catalog, stateDir, log } = deps;
  const checksums: Record<FileName, string | undefined> = {
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
      const etag = await intactEtag(deps, object, checksums[name], listing);
      if (etag !== undefined) {
        if (etag !== object.etag) repaired[name] = { ...object, etag };
        continue;
      }
      file ??= await (names[0] === 'snapshot' ? spoolOutput : spoolRejects)(catalog, stateDir);
      if (!isSame(file, object, checksums[name])) return { written, isCatalogWrong: true };
      repaired[name] = await uploadFile({ store, bucket }, file, object.key);
      written++;
      log.warn({ key: object.key }, 'a published object was missing or different: it was written again');
    }
  }
  return { written, isCatalogWrong: false };
}

async function repairDelta(
  deps: RepairDeps,
  { delta }: Manifest,
  repaired: Manifest,
  listing: ProcessedListing,
): Promise<void> {
  if (!delta) return;
  const etag = await intactEtag(deps, delta, delta.sha256, listing);
  if (etag === undefined) {
    delete repaired.delta;
    deps.log.warn({ key: delta.key }, 'a delta is missing or different: it is removed from the manifest');
  } else if (etag !== delta.etag) repaired.delta = { ...delta, etag };
}

/** Parts of a definition that do not decide which rows there are may have changed. A manifest of an old version has no definition. */
function repairDefinition(definition: Definition, manifest: Manifest, repaired: Manifest): void {
  if (manifest.definition && isOfDefinition(manifest, definition))
    Object.assign(repaired, manifestDefinition(definition));
}

async function replaceManifest(
  { store, processedBucket, catalog, log }: RepairDeps,
  manifest: Manifest,
  previousEtag: string,
): Promise<void> {
  const { generation, version } = manifest;
  const text = formatManifest(manifest);
  const { counts } = catalog.publishState();
  catalog.setAttempt({ generation, version, text, counts });
  const etag = await putManifest(store, processedBucket, text, ifUnchanged(previousEtag));
  catalog.setPublished({ text, etag }, counts);
  log.warn(
    { generation },
    'the manifest is put again: ETags of existing objects, or texts of the definition, are other ones',
  );
}

/**
 * The ETag of an intact object; undefined if it is missing or different. An object with another ETag and the same size is
 * read and compared by its checksum.
 */
async function intactEtag(
  { store, processedBucket }: RepairDeps,
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

/** Whether a spooled file has the content that the manifest describes. */
const isSame = (file: SpooledFile, { size, rows }: PublishedObject, sha256: string | undefined): boolean =>
  sha256 === undefined ? file.size === size && file.rows === rows : file.sha256 === sha256;
