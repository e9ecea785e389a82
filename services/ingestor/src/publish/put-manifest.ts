import { MANIFEST_KEY, type Manifest } from '@landfall/contracts/dataset/manifest';
import { type ObjectStore, type PutCondition, StoreError } from '@landfall/object-store/object-store';
import { readManifestObject } from '@landfall/processed-bucket/read-manifest';
import { LeadershipLostError } from '../errors/leadership-lost.ts';

/** The text of manifest.json: the same manifest always has the same bytes. */
export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

/**
 * What must hold for manifest.json to be replaced: it is still the object that was read.
 *
 * @param etag of manifest.json; undefined when there was none, empty where the store gives no ETags
 * @returns undefined when nothing can be checked
 */
export function unchangedSince(etag: string | undefined): PutCondition | undefined {
  if (etag === undefined) return { absent: true };
  return etag === '' ? undefined : { etag };
}

/**
 * Puts manifest.json unless somebody else has replaced or removed it.
 *
 * @returns the ETag of manifest.json
 * @throws LeadershipLostError when somebody else has
 * @throws StoreError when the store cannot be written; the manifest may have been put nevertheless
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
    // A server answers 404 to If-Match when the object is gone.
    if (error.code !== 'precondition_failed' && error.code !== 'not_found') throw error;
    // A request that was sent again after its answer got lost refuses itself.
    const found = await readManifestObject(store, bucket);
    if (found && bytes.equals(found.bytes)) return found.etag;
    throw new LeadershipLostError('manifest.json was replaced by another ingestor, or removed', {
      cause: error,
    });
  }
}
