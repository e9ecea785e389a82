import fs from 'node:fs';
import path from 'node:path';
import { StoreError } from '../object-store.ts';

/** Folder of partial files, below the bucket's folder so that a rename moves them into place. */
export const PARTIAL = '.landfall-partial';
/** Matches keys with an empty segment, `.`, `..`, or a NUL. */
const IMPOSSIBLE = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/** The folder of a bucket. */
export interface BucketFolder {
  /** The bucket's. */
  name: string;
  /** As configured; may contain links. */
  path: string;
  /**
   * Returns its path without links. Resolved once.
   *
   * @throws errors of realpath(3)
   */
  realPath: () => string;
  /** Resolves the real path again, since the folder may have been replaced. */
  refreshRealPath: () => string;
}

/**
 * @param folder its path; default: the folder of this name in `root`
 * @throws StoreError bucket_not_found for an invalid bucket name
 */
export function bucketFolder(root: string, name: string, folder = path.join(root, name)): BucketFolder {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
    throw new StoreError('bucket_not_found', `"${name}" is not a name of a bucket`);
  }
  let real: string | undefined;
  const refreshRealPath = (): string => {
    real = fs.realpathSync.native(folder);
    return real;
  };
  return { name, path: folder, realPath: () => real ?? refreshRealPath(), refreshRealPath };
}

/**
 * Returns the path of an object's file. It has no `..`; a link in it may still lead out of the bucket (`bounds.ts`).
 *
 * @throws StoreError invalid_key when the key cannot be a file path
 */
export function filePathOf(bucket: BucketFolder, key: string): string {
  const isReserved = key === PARTIAL || key.startsWith(`${PARTIAL}/`);
  // A lone surrogate would become U+FFFD, which is another name.
  if (IMPOSSIBLE.test(key) || isReserved || !key.isWellFormed()) {
    throw new StoreError('invalid_key', `"${key}" can't be a file below a folder`);
  }
  return `${bucket.path}/${key}`;
}

/**
 * Identifies a folder. The inode is not enough, since inodes of removed folders are reused.
 */
export const folderIdentity = ({ dev, ino, birthtimeNs }: fs.BigIntStats): string =>
  `${dev} ${ino} ${birthtimeNs}`;
