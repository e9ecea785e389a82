import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ObjectStore } from '@landfall/object-store/object-store';

/** Folder of the demo data of the shipped default, `users`. */
const USERS_FOLDER = fileURLToPath(new URL('../../../datasets/users', import.meta.url));

/**
 * The folder with the demo data of a data set: the folder beside its definition file with its name (`stations/` for
 * `stations.json`). The keys are the paths in it.
 *
 * @param datasetFile undefined for the shipped default
 * @returns undefined when there is none
 */
export function demoFolder(datasetFile: string | undefined): string | undefined {
  if (datasetFile === undefined) return USERS_FOLDER;
  const folder = path.resolve(datasetFile.replace(/\.json$/, ''));
  return folder !== path.resolve(datasetFile) && fs.existsSync(folder) ? folder : undefined;
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
 * @param from folder of the demo data
 * @returns the number of added objects
 * @throws StoreError when a bucket cannot be read, or the source bucket cannot be written
 */
export async function seed(
  store: ObjectStore,
  { source, processed }: SeededBuckets,
  hasState: boolean,
  from: string,
): Promise<number> {
  if (!(await isEmpty(store, processed))) return 0;
  const isUnderWay = (await store.head(source, UNDER_WAY)) !== undefined;
  if (!isUnderWay && (hasState || !(await isEmpty(store, source)))) return 0;
  await store.put(source, UNDER_WAY, Buffer.from('the demo data is being added\n'));
  const keys = await keysIn(from);
  for (const key of keys) await store.put(source, key, await fs.promises.readFile(path.join(from, key)));
  await store.remove(source, UNDER_WAY);
  return keys.length;
}

/** Returns the paths of all files in a folder, at any depth. */
async function keysIn(folder: string): Promise<string[]> {
  const entries = await fs.promises.readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Reads only the first page: a bucket may have a million objects. */
async function isEmpty(store: ObjectStore, bucket: string): Promise<boolean> {
  for await (const page of store.list(bucket)) if (page.length > 0) return false;
  return true;
}
