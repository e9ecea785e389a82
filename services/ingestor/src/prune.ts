import { generationOf, SNAPSHOT_PREFIX } from '@landfall/contracts/manifest';
import type { ListedObject, ObjectStore } from '@landfall/object-store/object-store';

/** A snapshot younger than this stays: somebody who has just read its manifest may be about to read it. */
const MIN_AGE_MS = 15 * 60_000;

/**
 * Removes the snapshots of generations that are no longer kept: the last `keep` stay, and all that are younger
 * than 15 minutes.
 *
 * @param newest the generation that is published now
 * @param now ms since 1970 UTC
 * @returns how many objects it removed
 */
export async function pruneSnapshots(
  store: ObjectStore,
  bucket: string,
  newest: number,
  keep: number,
  now: number,
): Promise<number> {
  const old: ListedObject[] = [];
  for await (const page of store.list(bucket, SNAPSHOT_PREFIX)) {
    for (const object of page) {
      const generation = generationOf(object.key);
      const outdated = generation !== undefined && generation !== newest && generation <= newest - keep;
      if (outdated && now - object.modified > MIN_AGE_MS) old.push(object);
    }
  }
  for (const { key } of old) await store.remove(bucket, key);
  return old.length;
}
