import { type Manifest, ManifestError, parseManifest } from '@landfall/contracts/dataset/manifest';
import type { ObjectStore } from '@landfall/object-store/object-store';
import { readManifestObject } from '@landfall/processed-bucket/read-manifest';
import type { Catalog } from '../catalog/catalog.ts';

/** The published manifest, compared with the one that the catalog published last. */
export type FoundManifest =
  /** The catalog's own manifest. `isMoved`: the same bytes have been put again, for example by restoring the bucket. */
  | { kind: 'own'; manifest: Manifest; text: string; etag: string; isMoved: boolean }
  /** The manifest of the catalog's own attempt that was not confirmed: the process ended, or the response was lost. */
  | { kind: 'unconfirmed'; manifest: Manifest; text: string; etag: string }
  /** Another manifest: of another ingestor, an older one, or the catalog is new. */
  | { kind: 'foreign'; manifest: Manifest; text: string; etag: string }
  | { kind: 'damaged'; bytes: Uint8Array; etag: string; why: string }
  | { kind: 'none' };

/**
 * Reads manifest.json and compares it with the catalog. It counts as the catalog's own only if all bytes are equal.
 *
 * @throws StoreError if the store cannot be read
 */
export async function findPublished(
  store: ObjectStore,
  bucket: string,
  catalog: Catalog,
): Promise<FoundManifest> {
  const object = await readManifestObject(store, bucket);
  if (!object) return { kind: 'none' };
  const { bytes, etag } = object;
  let manifest: Manifest;
  try {
    manifest = parseManifest(bytes);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { kind: 'damaged', bytes, etag, why: error.message };
  }
  const text = Buffer.from(bytes).toString();
  const known = catalog.publishState();
  if (text === known.text) return { kind: 'own', manifest, text, etag, isMoved: etag !== known.etag };
  const kind = text === known.attempt?.text ? 'unconfirmed' : 'foreign';
  return { kind, manifest, text, etag };
}

/** The published manifest, if it could be parsed. */
export const manifestOf = (found: FoundManifest): Manifest | undefined =>
  'manifest' in found ? found.manifest : undefined;

/** Whether something else may have changed the processed bucket: the run must list the whole source bucket then. */
export const isUnexpected = (found: FoundManifest): boolean =>
  found.kind === 'own' ? found.isMoved : found.kind !== 'unconfirmed';
