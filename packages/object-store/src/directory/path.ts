import fs from 'node:fs';
import path from 'node:path';
import { StoreError } from '../object-store.ts';

/** Objects on their way in lie here, below the bucket, so that a rename puts them in place. */
export const PARTIAL = '.landfall-partial';
/** What has a segment that is empty, `.` or `..`, or a NUL. */
const IMPOSSIBLE = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/** The folder of a bucket. */
export interface BucketFolder {
  /** The bucket's. */
  name: string;
  /** As configured; it may lead through links. */
  path: string;
  /**
   * Its path without links, resolved once and kept.
   *
   * @throws whatever realpath(3) says
   */
  realPath: () => string;
  /** Resolves the real path again: the folder may have gone and come back. */
  resolveAgain: () => string;
}

/** @throws StoreError bucket_not_found for what can't be a bucket's name */
export function bucketFolder(root: string, name: string): BucketFolder {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
    throw new StoreError('bucket_not_found', `"${name}" is no name of a bucket`);
  }
  const folder = path.join(root, name);
  let real: string | undefined;
  const resolveAgain = (): string => {
    real = fs.realpathSync.native(folder);
    return real;
  };
  return { name, path: folder, realPath: () => real ?? resolveAgain(), resolveAgain };
}

/**
 * The file of an object. No segment of the path leads up; a link in it may still lead out (`directory-bounds.ts`).
 *
 * @throws StoreError invalid_key for a key that no file below a folder can have
 */
export function fileOf(bucket: BucketFolder, key: string): string {
  const isReserved = key === PARTIAL || key.startsWith(`${PARTIAL}/`);
  // A lone surrogate would be written as U+FFFD, which is another name.
  if (IMPOSSIBLE.test(key) || isReserved || !key.isWellFormed()) {
    throw new StoreError('invalid_key', `"${key}" can't be a file below a folder`);
  }
  return `${bucket.path}/${key}`;
}

/**
 * Tells a folder from another one that takes its place. The inode is not enough: that of a removed folder is used for
 * the next one.
 */
export const folderIdentity = ({ dev, ino, birthtimeNs }: fs.BigIntStats): string =>
  `${dev} ${ino} ${birthtimeNs}`;
