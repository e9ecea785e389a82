import { generationOf, type Manifest } from '@landfall/contracts/dataset/manifest';
import type { ListedObject, ObjectStore } from '@landfall/object-store/object-store';
import type { ProcessedListing } from '../processed/list-processed.ts';

/** A snapshot younger than this stays: somebody who has just read its manifest may be about to read it. */
const MIN_AGE_MS = 15 * 60_000;
/**
 * Young snapshots and deltas stay while all of them take no more than this, bytes, or than `MAX_DATA_SETS` of the newest
 * data set: of a file that is rewritten for minutes each generation is young.
 */
export const MAX_YOUNG_BYTES = 1024 ** 3;
const MAX_DATA_SETS = 4;

/**
 * Removes snapshots and deltas of old generations. The last `keep` generations stay, and, the newest first, those that
 * are younger than 15 minutes, as long as all that stays is not too large. What the manifest names always stays.
 *
 * @param listing the processed bucket, with or without the newest generation
 * @param now ms since 1970 UTC
 * @param maxYoungBytes see `MAX_YOUNG_BYTES`
 * @returns how many objects it removed
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
    const isKept = generation > newest - keep;
    const isYoung = now - object.modified <= MIN_AGE_MS;
    if (isKept || (isYoung && bytes <= limit)) continue;
    await store.remove(bucket, object.key);
    removed++;
  }
  return removed;
}

function withGeneration(object: ListedObject): { generation: number; object: ListedObject }[] {
  const generation = generationOf(object.key);
  return generation === undefined ? [] : [{ generation, object }];
}
