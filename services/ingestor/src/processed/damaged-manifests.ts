import type { ObjectStore } from '@landfall/object-store/object-store';

const PREFIX = 'manifest.damaged-';
/** Number of damaged manifests that stay in the processed bucket, newest first. */
const MAX_COPIES = 5;

export const isDamagedManifest = (key: string): boolean => /^manifest\.damaged-\d+T\d+Z\.json$/.test(key);

/**
 * Copies a manifest.json that cannot be parsed to `manifest.damaged-<time>.json`, before it is replaced, and removes the
 * oldest copies.
 *
 * @param listing the processed bucket
 * @param now ms since 1970 UTC
 * @returns the key of the copy
 * @throws StoreError if the store cannot be written
 */
export async function copyDamagedManifest(
  store: ObjectStore,
  bucket: string,
  bytes: Uint8Array,
  listing: ReadonlyMap<string, unknown>,
  now: number,
): Promise<string> {
  const key = `${PREFIX}${new Date(now).toISOString().replace(/[-:.]/g, '')}.json`;
  await store.put(bucket, key, bytes);
  const earlier = [...listing.keys()].filter((each) => isDamagedManifest(each) && each !== key).sort();
  for (const old of earlier.slice(0, Math.max(0, earlier.length - MAX_COPIES + 1)))
    await store.remove(bucket, old);
  return key;
}
