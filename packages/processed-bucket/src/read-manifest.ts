import { MANIFEST_KEY, type Manifest, parseManifest } from '@landfall/contracts/manifest';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';

/** More than any manifest has. Bytes. */
const MAX_MANIFEST_BYTES = 1024 * 1024;

/**
 * The manifest of what is published; undefined when nothing is.
 *
 * @throws StoreError bucket_not_found, access_denied, unavailable
 * @throws ManifestError when there is one that can't be understood
 */
export async function readManifest(store: ObjectStore, bucket: string): Promise<Manifest | undefined> {
  try {
    const { bytes } = await store.read(bucket, MANIFEST_KEY, MAX_MANIFEST_BYTES);
    return parseManifest(bytes);
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not_found') return undefined;
    throw error;
  }
}
