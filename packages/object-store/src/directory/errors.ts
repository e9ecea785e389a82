import fs from 'node:fs';
import util from 'node:util';
import { StoreError } from '../object-store.ts';
import type { BucketFolder } from './path.ts';

/** Errors of the process or the machine, not of a file. */
const AFFECTS_ALL: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);
/** The path does not exist. */
const MISSING: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);
/** The path is a folder, a socket or a pipe. */
const NOT_A_FILE: ReadonlySet<string> = new Set(['EISDIR', 'ENXIO', 'ESPIPE']);
/** Another file or folder has the path that is to be written. */
const IN_THE_WAY: ReadonlySet<string> = new Set(['EEXIST', 'EISDIR', 'ENOTEMPTY', 'ENOTDIR', 'ELOOP']);

/** Returns the errno(3) code of a file system error; empty for other errors. */
export function errno(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Whether an error means that the path does not exist. */
export const isMissing = (error: unknown): boolean => MISSING.has(errno(error));

/** Whether an error affects all file operations. */
export const affectsAll = (error: unknown): boolean => AFFECTS_ALL.has(errno(error));

/** Returns the system's description of an error, without the paths in the error's message. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('code' in error)) return error.message;
  const number = 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;
  return number === undefined
    ? String(error.code)
    : `${error.code}: ${util.getSystemErrorMessage(number) ?? 'unknown error'}`;
}

/**
 * Translates a file system error. The message contains no absolute path.
 *
 * @param key of the object; empty for the bucket's folder
 */
export function asStoreError(
  error: unknown,
  bucket: BucketFolder,
  key: string,
  operation: 'list' | 'read' | 'write',
): StoreError {
  if (error instanceof StoreError) return error;
  const [code, name, options] = [errno(error), `${bucket.name}/${key}`, { cause: error }];
  const failed = `${name}: ${systemReason(error)}`;
  if (affectsAll(error)) return new StoreError('unavailable', failed, options);
  if (operation === 'write' && key !== '' && IN_THE_WAY.has(code)) {
    const absent = MISSING.has(code) ? notFound(bucket, key, error) : undefined;
    if (absent && absent.code !== 'not_found') return absent;
    return new StoreError('invalid_key', `a file, folder or link is in the way of ${name}`, options);
  }
  if (MISSING.has(code) || (operation === 'read' && NOT_A_FILE.has(code))) {
    if (key === '') return bucketNotFound(bucket, error);
    const absent = notFound(bucket, key, error);
    const isOfObject = operation === 'read' || absent.code !== 'not_found';
    return isOfObject ? absent : new StoreError('unavailable', failed, options);
  }
  switch (code) {
    case 'ENAMETOOLONG':
      return new StoreError('invalid_key', `"${key}" is too long for a file's name`, options);
    case 'EACCES':
    case 'EPERM':
      return new StoreError('access_denied', `no access to ${failed}`, options);
    default:
      return new StoreError(
        operation === 'read' && key !== '' ? 'unreadable' : 'unavailable',
        failed,
        options,
      );
  }
}

/**
 * Returns the error for a missing object: `bucket_not_found` when the bucket's folder is missing, too (an unmounted
 * disk).
 */
export function notFound(bucket: BucketFolder, key: string, cause?: unknown): StoreError {
  try {
    if (!fs.statSync(bucket.path).isDirectory()) return bucketNotFound(bucket, cause);
  } catch (error) {
    return isMissing(error) ? bucketNotFound(bucket, cause) : asStoreError(error, bucket, '', 'read');
  }
  return new StoreError('not_found', `there is no object ${bucket.name}/${key}`, { cause });
}

const bucketNotFound = ({ name }: BucketFolder, cause: unknown): StoreError =>
  new StoreError('bucket_not_found', `there is no bucket ${name}`, { cause });
