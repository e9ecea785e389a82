import fs from 'node:fs';
import type { ObjectStore } from '@landfall/object-store/object-store';

/** Where the demo users lie. */
export const SEED_DIR = new URL('../../../seed-data/', import.meta.url);

/** There while the demo users are being put in: a start that was cut off is so told from files of somebody's. */
const UNDER_WAY = '.landfall-seeding';

/**
 * Puts the demo users into a bucket that is empty, or goes on where it was cut off. A bucket that holds anything
 * else is left as it is.
 *
 * @returns how many objects it put; 0 when there was something already
 */
export async function seed(store: ObjectStore, bucket: string, from: URL = SEED_DIR): Promise<number> {
  const there = new Set<string>();
  for await (const page of store.list(bucket)) for (const { key } of page) there.add(key);
  if (there.size > 0 && !there.has(UNDER_WAY)) return 0;
  await store.put(bucket, UNDER_WAY, Buffer.from('the demo users are being put in\n'));
  const names = (await fs.promises.readdir(from)).sort();
  for (const name of names) {
    await store.put(bucket, name, await fs.promises.readFile(new URL(encodeURIComponent(name), from)));
  }
  await store.remove(bucket, UNDER_WAY);
  return names.length;
}
