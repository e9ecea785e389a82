import { MANIFEST_KEY, type Manifest } from '@landfall/contracts/dataset/manifest';
import { type ObjectStore, type PutCondition, StoreError } from '@landfall/object-store/object-store';
import { readManifestObject } from '@landfall/processed-bucket/read-manifest';
import { LeadershipLostError } from '../errors/leadership-lost.ts';

/** Formats manifest.json. The same manifest always gives the same bytes. */
export const formatManifest = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

/**
 * The condition for replacing manifest.json: it is still the object that was read.
 *
 * @param etag of manifest.json; undefined if there was none, empty if the store gives no ETags
 * @returns undefined if the store cannot check it
 */
export function ifUnchanged(etag: string | undefined): PutCondition | undefined {
  if (etag === undefined) return { absent: true };
  return etag === '' ? undefined : { etag };
}

/**
 * Puts manifest.json, unless another ingestor has replaced or removed it.
 *
 * @returns the ETag of manifest.json
 * @throws LeadershipLostError if another ingestor has
 * @throws StoreError if the store cannot be written; the put may have succeeded nevertheless
 */
export async function putManifest(
  store: ObjectStore,
  bucket: string,
  text: string,
  condition: PutCondition | undefined,
): Promise<string> {
  const bytes = Buffer.from(text);
  try {
    return (await store.put(bucket, MANIFEST_KEY, bytes, condition)).etag;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    // S3 servers answer If-Match with 404 if the object does not exist.
    if (error.code !== 'precondition_failed' && error.code !== 'not_found') throw error;
    // A put that is retried because its response was lost fails its own condition.
    const found = await readManifestObject(store, bucket);
    if (found && bytes.equals(found.bytes)) return found.etag;
    throw new LeadershipLostError('manifest.json was replaced by another ingestor, or removed', {
      cause: error,
    });
  }
}
