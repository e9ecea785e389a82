import { type Manifest, ManifestError, parseManifest } from '@landfall/contracts/dataset/manifest';
import type { ObjectStore } from '@landfall/object-store/object-store';
import { readManifestObject } from '@landfall/processed-bucket/read-manifest';
import type { Catalog } from '../catalog/catalog.ts';

/** What the processed bucket says is published, compared with what the catalog published. */
export type FoundManifest =
  /** The catalog's own manifest. `isMoved`: somebody has put the same bytes again, as restoring a bucket does. */
  | { kind: 'own'; manifest: Manifest; text: string; etag: string; isMoved: boolean }
  /** The catalog's own manifest, of a publication that was not confirmed: the process or the answer got lost. */
  | { kind: 'unconfirmed'; manifest: Manifest; text: string; etag: string }
  /** A manifest that the catalog did not publish last: of another ingestor, older, or the catalog was lost. */
  | { kind: 'foreign'; manifest: Manifest; text: string; etag: string }
  | { kind: 'damaged'; bytes: Uint8Array; etag: string; why: string }
  | { kind: 'none' };

/**
 * Reads manifest.json and finds out whose it is. A manifest counts as the catalog's own only when every byte is the same.
 *
 * @throws StoreError when the store cannot be read
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

/** What readers see now, as far as it can be understood. */
export const manifestOf = (found: FoundManifest): Manifest | undefined =>
  'manifest' in found ? found.manifest : undefined;

/** Whether what was found says that somebody else may have changed things, so that the whole bucket is to be listed. */
export const isUnexpected = (found: FoundManifest): boolean =>
  found.kind === 'own' ? found.isMoved : found.kind !== 'unconfirmed';
