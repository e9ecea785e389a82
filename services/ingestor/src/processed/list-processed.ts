import {
  DATA_PACKAGE_KEY,
  generationOf,
  MANIFEST_KEY,
  OUTPUT_KEY,
  REJECTS_KEY,
  SNAPSHOT_PREFIX,
} from '@landfall/contracts/dataset/manifest';
import type { ListedObject, ObjectStore } from '@landfall/object-store/object-store';
import { isDamagedManifest } from './damaged-manifests.ts';

/** The ingestor's objects of the processed bucket, by key. */
export type ProcessedListing = ReadonlyMap<string, ListedObject>;

const WELL_KNOWN: ReadonlySet<string> = new Set([MANIFEST_KEY, OUTPUT_KEY, REJECTS_KEY, DATA_PACKAGE_KEY]);

/**
 * Lists the ingestor's objects of the processed bucket; other objects are skipped.
 *
 * @throws StoreError if the listing fails
 */
export async function listProcessed(store: ObjectStore, bucket: string): Promise<ProcessedListing> {
  const found = new Map<string, ListedObject>();
  for await (const page of store.list(bucket)) {
    for (const object of page) {
      if (object.fault === undefined && isOwn(object.key)) found.set(object.key, object);
    }
  }
  return found;
}

const isOwn = (key: string): boolean =>
  WELL_KNOWN.has(key) || generationOf(key) !== undefined || isDamagedManifest(key);

/**
 * The highest generation of all snapshots and deltas; 0 if there are none.
 *
 * @param attempt an attempt to publish that was never confirmed: its objects are ignored
 */
export function highestListedGeneration(
  listing: ProcessedListing,
  attempt: { generation: number; version: string } | undefined,
): number {
  let highest = 0;
  for (const key of listing.keys()) {
    const generation = generationOf(key) ?? 0;
    const isUnconfirmed =
      generation === attempt?.generation && key.includes(`/${attempt.generation}-${attempt.version}.`);
    if (!isUnconfirmed && generation > highest) highest = generation;
  }
  return highest;
}

/** The snapshot of the highest generation. Of two with the same generation, the one that was written last. */
export function newestSnapshot(listing: ProcessedListing): { key: string; version: string } | undefined {
  let newest: { key: string; version: string; generation: number; modified: number } | undefined;
  for (const { key, modified } of listing.values()) {
    const version = /-([0-9a-f]{64})\.csv$/.exec(key)?.[1];
    const generation = generationOf(key);
    if (!key.startsWith(SNAPSHOT_PREFIX) || version === undefined || generation === undefined) continue;
    const isNewer =
      !newest ||
      generation > newest.generation ||
      (generation === newest.generation && modified > newest.modified);
    if (isNewer) newest = { key, version, generation, modified };
  }
  return newest;
}
