import fs from 'node:fs';
import type { ObjectStore } from '@landfall/object-store/object-store';

/** Where the demo users lie. */
export const SEED_DIR = new URL('../../../seed-data/', import.meta.url);

/**
 * Puts the demo users into a bucket that is empty.
 *
 * @returns how many objects it put; 0 when there was something already
 */
export async function seed(store: ObjectStore, bucket: string, from: URL = SEED_DIR): Promise<number> {
  for await (const page of store.list(bucket)) if (page.length > 0) return 0;
  const names = (await fs.promises.readdir(from)).sort();
  for (const name of names) {
    await store.put(bucket, name, await fs.promises.readFile(new URL(encodeURIComponent(name), from)));
  }
  return names.length;
}
