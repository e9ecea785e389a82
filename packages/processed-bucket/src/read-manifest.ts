import { MANIFEST_KEY, type Manifest, parseManifest } from '@landfall/contracts/dataset/manifest';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';

/** A manifest is smaller than this, bytes. */
const MAX_MANIFEST_BYTES = 1024 * 1024;

/** manifest.json as it is stored. */
export interface ManifestObject {
  /** The first 1 MiB: a manifest is smaller. */
  bytes: Uint8Array;
  etag: string;
}

/** The published manifest, and the ETag of manifest.json. */
export interface PublishedManifest {
  manifest: Manifest;
  etag: string;
}

/**
 * Reads manifest.json without parsing it.
 *
 * @returns undefined when it does not exist
 * @throws StoreError bucket_not_found, access_denied, unavailable, timeout
 */
export async function readManifestObject(
  store: ObjectStore,
  bucket: string,
): Promise<ManifestObject | undefined> {
  try {
    const { bytes, etag } = await store.read(bucket, MANIFEST_KEY, MAX_MANIFEST_BYTES);
    return { bytes, etag };
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/**
 * Reads the published manifest.
 *
 * @returns undefined when nothing is published
 * @throws StoreError bucket_not_found, access_denied, unavailable, timeout; ManifestError when manifest.json is not valid
 */
export async function readManifest(
  store: ObjectStore,
  bucket: string,
): Promise<PublishedManifest | undefined> {
  const object = await readManifestObject(store, bucket);
  return object && { manifest: parseManifest(object.bytes), etag: object.etag };
}
