import { outputLine, readOutput, readRejects } from '@landfall/contracts/data-set-csv';
import type { Manifest } from '@landfall/contracts/manifest';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';
import { readManifest } from '@landfall/processed-bucket/read-manifest';
import type { Catalog } from './catalog.ts';

/**
 * Brings the catalog to what is published, when that is something else than what it published itself: its file
 * was lost, or it crashed after the manifest was written. The last good versions of broken users come back so.
 *
 * @returns the manifest of what is published; undefined when nothing is
 */
export async function recover(
  store: ObjectStore,
  bucket: string,
  catalog: Catalog,
): Promise<Manifest | undefined> {
  const published = (await readManifest(store, bucket))?.manifest;
  const known = catalog.publication().manifest;
  if (!published) {
    // Never published, or the bucket was wiped: whatever the catalog has is yet to be published.
    if (known) catalog.setDirty();
    return undefined;
  }
  if (known?.generation === published.generation && known.version === published.version) return published;
  const restored = await restore(store, bucket, catalog, published);
  // Its snapshots were removed by hand: what the catalog has is published again, in full.
  if (!restored) catalog.setDirty();
  return published;
}

/** @returns false when the objects that the manifest names are not there */
async function restore(
  store: ObjectStore,
  bucket: string,
  catalog: Catalog,
  published: Manifest,
): Promise<boolean> {
  try {
    await catalog.transaction(async () => {
      catalog.forget();
      const users = catalog.userWriter();
      const snapshot = await store.open(bucket, published.snapshot.key);
      for await (const batch of readOutput(snapshot.body)) {
        for (const user of batch) users.put({ userId: user.user_id, line: outputLine(user), record: null });
      }
      users.flush();
      const rejects = await store.open(bucket, published.rejects_snapshot.key);
      for await (const batch of readRejects(rejects.body)) {
        for (const reject of batch) catalog.putReject({ ...reject, etag: null, size: null, values: null });
      }
      catalog.makeAllDue();
      catalog.setPublished(published, undefined);
    });
    return true;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not_found') return false;
    throw error;
  }
}
