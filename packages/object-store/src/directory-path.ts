import fs from 'node:fs';
import path from 'node:path';
import { StoreError } from './object-store.ts';

/** Objects on their way in lie here, below the bucket, so that a rename puts them in place. */
export const PARTIAL = '.landfall-partial';
/** What has a segment that is empty, `.` or `..`, or a NUL. */
const IMPOSSIBLE = /(?:^|\/)\.{0,2}(?:\/|$)|\0/;

/** @throws StoreError bucket_not_found for what can't be a bucket's name */
export function bucketFolder(root: string, bucket: string): string {
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) return path.join(root, bucket);
  throw new StoreError('bucket_not_found', `"${bucket}" is no name of a bucket`);
}

/**
 * The file of an object; never one outside of its bucket's folder.
 *
 * @throws StoreError invalid_key for a key that no file below a folder can have
 */
export function fileOf(root: string, bucket: string, key: string): string {
  return fileIn(bucketFolder(root, bucket), key);
}

/** As `fileOf`, for many objects of one bucket. */
export function fileIn(folder: string, key: string): string {
  const isReserved = key === PARTIAL || key.startsWith(`${PARTIAL}/`);
  if (IMPOSSIBLE.test(key) || isReserved) {
    throw new StoreError('invalid_key', `"${key}" can't be a file below a folder`);
  }
  return `${folder}/${key}`;
}

/** Whether it is a folder by itself, and not a link to one, which could lead in a circle. */
export function isFolder(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The code of a file system's error, as in errno(3). */
export function errno(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Translates an error of the file system. */
export function asStoreError(error: unknown, root: string, bucket: string, key = ''): StoreError {
  if (error instanceof StoreError) return error;
  const options = { cause: error };
  switch (errno(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      // Of a folder that is not there at all nothing can be said but that: it may be a mount gone astray.
      return key === '' || !fs.existsSync(bucketFolder(root, bucket))
        ? new StoreError('bucket_not_found', `there is no bucket ${bucket}`, options)
        : new StoreError('not_found', `there is no object ${bucket}/${key}`, options);
    case 'EEXIST':
    case 'EISDIR':
    case 'ENOTEMPTY':
      return new StoreError('invalid_key', `a file or folder is in the way of ${bucket}/${key}`, options);
    case 'ENAMETOOLONG':
      return new StoreError('invalid_key', `"${key}" is too long for a file's name`, options);
    case 'EACCES':
    case 'EPERM':
      return new StoreError('access_denied', `no access to ${bucket}/${key}`, options);
    default: {
      const why = error instanceof Error ? error.message : String(error);
      return new StoreError('unavailable', `${bucket}/${key} can't be reached: ${why}`, options);
    }
  }
}
