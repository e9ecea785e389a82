import fs from 'node:fs';
import path from 'node:path';
import { StoreError } from '../object-store.ts';
import { ensureInside, ensurePathInside, followLink, outsideBucket } from './bounds.ts';
import { makeFolder } from './partials.ts';
import { type BucketFolder, filePathOf } from './path.ts';

/**
 * Returns the stats of an object's file; undefined when there is no file, or a dangling link.
 *
 * @throws StoreError outside_bucket, unreadable; file system errors
 */
export function statObject(bucket: BucketFolder, key: string): fs.BigIntStats | undefined {
  const file = filePathOf(bucket, key);
  if (key.includes('/')) ensurePathInside(bucket, path.dirname(file), key);
  const stats = fs.lstatSync(file, { bigint: true });
  if (stats.isFile()) return stats;
  if (!stats.isSymbolicLink()) return undefined;
  const target = followLink(bucket, file);
  if (target.kind === 'file') return target.stats;
  if (target.kind === 'nowhere') return undefined;
  // Same text as in a listing. Otherwise the reject would change with every way of reading and be published again.
  throw new StoreError(target.fault.code, target.fault.detail);
}

/**
 * Opens the folder of an object. Its descriptor stays valid when a link replaces the folder later.
 *
 * @throws StoreError outside_bucket; file system errors
 */
export async function openParentFolder(bucket: BucketFolder, key: string): Promise<fs.promises.FileHandle> {
  const folder = path.dirname(`${bucket.path}/${key}`);
  const handle = await fs.promises.open(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    if (key.includes('/')) ensureInside(bucket, handle.fd, folder, key);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Creates the folders of an object.
 *
 * @returns the folders that were created, the outermost first
 * @throws StoreError outside_bucket; file system errors
 */
export function makeParentFolders(bucket: BucketFolder, key: string): string[] {
  const made: string[] = [];
  let folder = bucket.path;
  for (const segment of key.split('/').slice(0, -1)) {
    folder += `/${segment}`;
    const stats = fs.lstatSync(folder, { throwIfNoEntry: false });
    if (stats === undefined) {
      makeFolder(folder);
      made.push(folder);
    } else if (stats.isSymbolicLink()) {
      const target = followLink(bucket, folder);
      if (target.kind === 'fault') throw outsideBucket(bucket, key);
    }
  }
  return made;
}
