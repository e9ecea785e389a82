import fs from 'node:fs';
import path from 'node:path';
import { StoreError } from '../object-store.ts';
import { ensureInside, ensurePathInside, followLink, outsideBucket } from './bounds.ts';
import { makeFolder } from './partials.ts';
import { type BucketFolder, fileOf } from './path.ts';

/**
 * What the file system knows of the file of an object; undefined when there is no file, or a link that leads nowhere.
 *
 * @throws StoreError outside_bucket, unreadable; and what the file system throws
 */
export function lookUp(bucket: BucketFolder, key: string): fs.BigIntStats | undefined {
  const file = fileOf(bucket, key);
  if (key.includes('/')) ensurePathInside(bucket, path.dirname(file), key);
  const stats = fs.lstatSync(file, { bigint: true });
  if (stats.isFile()) return stats;
  if (!stats.isSymbolicLink()) return undefined;
  const target = followLink(bucket, file);
  if (target.kind === 'file') return target.stats;
  if (target.kind === 'nowhere') return undefined;
  // In the words of the listing: a reject would change, and be published again, with who looked last.
  throw new StoreError(target.fault.code, target.fault.detail);
}

/**
 * Opens the folder that an object lies in. With its descriptor, links that are swapped in later lead nowhere else.
 *
 * @throws StoreError outside_bucket; and what the file system throws
 */
export async function openFolderOf(bucket: BucketFolder, key: string): Promise<fs.promises.FileHandle> {
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
 * Makes the folders that an object lies in.
 *
 * @returns those that were not there, the outer ones first
 * @throws StoreError outside_bucket; and what the file system throws
 */
export function makeFoldersOf(bucket: BucketFolder, key: string): string[] {
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
