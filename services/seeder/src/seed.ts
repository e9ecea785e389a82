import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ObjectStore } from '@landfall/object-store/object-store';

/** Folder of the demo data. */
export const SEED_DIR = new URL('../../../seed-data/', import.meta.url);

/**
 * The folder with the demo data of a data set: of a definition file, the folder beside it with its name (`stations/` for
 * `stations.json`).
 *
 * @param datasetFile undefined for the shipped data set
 * @returns undefined when there is none
 */
export function demoFolder(datasetFile: string | undefined): URL | undefined {
  if (datasetFile === undefined) return SEED_DIR;
  const folder = path.resolve(datasetFile.replace(/\.json$/, ''));
  return fs.existsSync(folder) ? pathToFileURL(`${folder}/`) : undefined;
}

/** Marker object while demo data is added. It distinguishes an interrupted start from a user's files. */
const UNDER_WAY = '.landfall-seeding';

/** The two buckets. */
export interface SeededBuckets {
  source: string;
  processed: string;
}

/**
 * Adds the demo data to the source bucket, or continues after an interruption. It adds nothing when anything was ever published, or
 * the bucket has other objects: a bucket that became empty may be an unmounted disk.
 *
 * @param hasState whether a service has state, because it has published or served
 * @returns the number of added objects
 * @throws StoreError when a bucket cannot be read, or the source bucket cannot be written
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
  await store.put(source, UNDER_WAY, Buffer.from('the demo data is being added\n'));
  const names = (await fs.promises.readdir(from)).sort();
  for (const name of names) {
    await store.put(source, name, await fs.promises.readFile(new URL(encodeURIComponent(name), from)));
  }
  await store.remove(source, UNDER_WAY);
  return names.length;
}

/** Reads only the first page: a bucket may have a million objects. */
async function isEmpty(store: ObjectStore, bucket: string): Promise<boolean> {
  for await (const page of store.list(bucket)) if (page.length > 0) return false;
  return true;
}
