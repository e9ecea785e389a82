import fs from 'node:fs';
import type { ObjectStore } from '@landfall/object-store/object-store';

/** Where the demo users lie. */
export const SEED_DIR = new URL('../../../seed-data/', import.meta.url);

/** There while the demo users are being put in: a start that was cut off is so told from files of somebody's. */
const UNDER_WAY = '.landfall-seeding';

/** The two buckets. */
export interface SeededBuckets {
  source: string;
  processed: string;
}

/**
 * Puts the demo users into the source bucket, or goes on where it was cut off. Where anything was ever published, or
 * anything else is in the bucket, nothing is put: an empty bucket that was not empty before may be a disk that is not
 * mounted.
 *
 * @param hasState whether a service has state of its own, which it has from having published or served
 * @returns how many objects it put
 * @throws StoreError when one of the buckets cannot be read, or the source bucket not written
 */
export async function seed(
  store: ObjectStore,
  { source, processed }: SeededBuckets,
  hasState: boolean,
  from: URL = SEED_DIR,
): Promise<number> {
  if (!(await isEmpty(store, processed))) return 0;
  const isUnderWay = (await store.head(source, UNDER_WAY)) !== undefined;
  if (!isUnderWay && (hasState || !(await isEmpty(store, source)))) return 0;
  await store.put(source, UNDER_WAY, Buffer.from('the demo users are being put in\n'));
  const names = (await fs.promises.readdir(from)).sort();
  for (const name of names) {
    await store.put(source, name, await fs.promises.readFile(new URL(encodeURIComponent(name), from)));
  }
  await store.remove(source, UNDER_WAY);
  return names.length;
}

/** Looks at the first page only: a bucket may hold a million objects. */
async function isEmpty(store: ObjectStore, bucket: string): Promise<boolean> {
  for await (const page of store.list(bucket)) if (page.length > 0) return false;
  return true;
}
