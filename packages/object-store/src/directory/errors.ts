import fs from 'node:fs';
import util from 'node:util';
import { StoreError } from '../object-store.ts';
import type { BucketFolder } from './path.ts';

/** Errors of the process or the machine: they say nothing about the file at which they came up. */
const CONCERNS_ALL: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);
/** Errors that say that there is nothing at a path. */
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);
/** What stands at the path is no file: a folder, a socket or a pipe. */
const NO_FILE: ReadonlySet<string> = new Set(['EISDIR', 'ENXIO', 'ESPIPE']);
/** Something else stands where a file or a folder is to be put. */
const IN_THE_WAY: ReadonlySet<string> = new Set(['EEXIST', 'EISDIR', 'ENOTEMPTY', 'ENOTDIR', 'ELOOP']);

/** The code of a file system's error, as in errno(3). */
export function errno(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Whether an error says that there is nothing at a path. */
export const isNotThere = (error: unknown): boolean => NOT_THERE.has(errno(error));

/** Whether an error concerns everything that is done with files, and not one of them. */
export const concernsAll = (error: unknown): boolean => CONCERNS_ALL.has(errno(error));

/** What the system says is wrong, without the paths that an error's own message has. */
export function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('code' in error)) return error.message;
  const number = 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;
  return number === undefined
    ? String(error.code)
    : `${error.code}: ${util.getSystemErrorMessage(number) ?? 'unknown error'}`;
}

/**
 * Translates an error of the file system. The message has no absolute path.
 *
 * @param key what the error came up at; empty for the bucket's folder itself
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
  if (concernsAll(error)) return new StoreError('unavailable', failed, options);
  if (operation === 'write' && key !== '' && IN_THE_WAY.has(code)) {
    const absent = NOT_THERE.has(code) ? notFound(bucket, key, error) : undefined;
    if (absent && absent.code !== 'not_found') return absent;
    return new StoreError('invalid_key', `a file, folder or link is in the way of ${name}`, options);
  }
  if (NOT_THERE.has(code) || (operation === 'read' && NO_FILE.has(code))) {
    if (key === '') return noBucket(bucket, error);
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

/** The error for an object that is not there. Where the bucket is not there either, a mount may be missing. */
export function notFound(bucket: BucketFolder, key: string, cause?: unknown): StoreError {
  try {
    if (!fs.statSync(bucket.path).isDirectory()) return noBucket(bucket, cause);
  } catch (error) {
    return isNotThere(error) ? noBucket(bucket, cause) : asStoreError(error, bucket, '', 'read');
  }
  return new StoreError('not_found', `there is no object ${bucket.name}/${key}`, { cause });
}

const noBucket = ({ name }: BucketFolder, cause: unknown): StoreError =>
  new StoreError('bucket_not_found', `there is no bucket ${name}`, { cause });
