import { DELTA_PREFIX, generationOf, SNAPSHOT_PREFIX } from '@landfall/contracts/manifest';
import type { ListedObject, ObjectStore } from '@landfall/object-store/object-store';

/** A snapshot younger than this stays: somebody who has just read its manifest may be about to read it. */
const MIN_AGE_MS = 15 * 60_000;

/**
 * Removes the snapshots and deltas of generations that are no longer kept: the last `keep` stay, and all that are
 * younger than 15 minutes.
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
  for (const prefix of [SNAPSHOT_PREFIX, DELTA_PREFIX]) {
    for await (const page of store.list(bucket, prefix)) old.push(...page.filter(isOld));
  }
  for (const { key } of old) await store.remove(bucket, key);
  return old.length;

  function isOld({ key, modified }: ListedObject): boolean {
    const generation = generationOf(key);
    const outdated = generation !== undefined && generation !== newest && generation <= newest - keep;
    return outdated && now - modified > MIN_AGE_MS;
  }
}
