import { MANIFEST_KEY, type Manifest, parseManifest } from '@landfall/contracts/dataset/manifest';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';

/** More than any manifest has. Bytes. */
const MAX_MANIFEST_BYTES = 1024 * 1024;

/** manifest.json as it is stored. */
export interface ManifestObject {
  /** The first 1 MiB, which is more than a manifest has. */
  bytes: Uint8Array;
  etag: string;
}

/** The manifest of the published data set, and the ETag of manifest.json. */
export interface PublishedManifest {
  manifest: Manifest;
  etag: string;
}

/**
 * Reads manifest.json without parsing it; undefined when there is none.
 *
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
 * Reads the manifest of the published data set; undefined when nothing is published.
 *
 * @throws StoreError bucket_not_found, access_denied, unavailable, timeout
 * @throws ManifestError when there is one that can't be understood
 */
export async function readManifest(
  store: ObjectStore,
  bucket: string,
): Promise<PublishedManifest | undefined> {
  const object = await readManifestObject(store, bucket);
  return object && { manifest: parseManifest(object.bytes), etag: object.etag };
}
