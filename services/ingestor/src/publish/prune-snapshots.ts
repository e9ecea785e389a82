import { generationOf, type Manifest } from '@landfall/contracts/dataset/manifest';
import { MIN_GENERATION_AGE_MS } from '@landfall/contracts/dataset/retention';
import type { ListedObject, ObjectStore } from '@landfall/object-store/object-store';
import type { ProcessedListing } from '../processed/list-processed.ts';

/**
 * Snapshots and deltas younger than `MIN_GENERATION_AGE_MS` stay while the total size is at most this, bytes, or
 * `MAX_DATA_SETS` times the newest data set. The limit matters when a file changes for minutes, and each change is a
 * generation.
 */
export const MAX_YOUNG_BYTES = 1024 ** 3;
const MAX_DATA_SETS = 4;

/**
 * Removes snapshots and deltas of old generations. It keeps the last `keep` generations, and, newest first, those younger than
 * 15 minutes while the total size is below the limit. Objects that the manifest names are always kept.
 *
 * @param listing the processed bucket, with or without the newest generation
 * @param now ms since 1970 UTC
 * @param maxYoungBytes see `MAX_YOUNG_BYTES`
 * @returns the number of removed objects
 * @throws StoreError if the store cannot be written
 */
export async function pruneSnapshots(
  store: ObjectStore,
  bucket: string,
  listing: ProcessedListing,
  manifest: Manifest,
  keep: number,
  now: number,
  maxYoungBytes: number = MAX_YOUNG_BYTES,
): Promise<number> {
  const { generation: newest, snapshot, rejects_snapshot, delta } = manifest;
  const named = [snapshot, rejects_snapshot, ...(delta ? [delta] : [])];
  const dataSetBytes = named.reduce((sum, { size }) => sum + size, 0);
  const limit = Math.max(maxYoungBytes, MAX_DATA_SETS * dataSetBytes);
  const isNamed = (key: string) => named.some((object) => object.key === key);
  let bytes = dataSetBytes;
  let removed = 0;
  const others = [...listing.values()].flatMap(withGeneration).filter(({ object }) => !isNamed(object.key));
  for (const { generation, object } of others.sort((a, b) => b.generation - a.generation)) {
    bytes += object.size;
    const isRecent = generation > newest - keep;
    const isYoung = now - object.modified <= MIN_GENERATION_AGE_MS;
    if (isRecent || (isYoung && bytes <= limit)) continue;
    await store.remove(bucket, object.key);
    removed++;
  }
  return removed;
}

function withGeneration(object: ListedObject): { generation: number; object: ListedObject }[] {
  const generation = generationOf(object.key);
  return generation === undefined ? [] : [{ generation, object }];
}
