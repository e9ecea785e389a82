import fs from 'node:fs';
import path from 'node:path';
import { isDamage, SUFFIXES } from './damage.ts';

/** A state folder that cannot be used. The operator has to change something; the text says what. */
export class UnusableStateError extends Error {
  override name = 'UnusableStateError';
  /** The text without the folder's path. */
  readonly publicMessage: string;
  /** `fail` of the package `process` prints the text without a stack and exits with 78. */
  readonly isForOperator = true;

  /**
   * @param folder the folder
   * @param options `setting` is the setting that names the folder
   */
  constructor(folder: string, why: string, options: ErrorOptions & { setting?: string } = {}) {
    const { setting = 'STATE_DIR' } = options;
    super(`${setting} (${folder}) can't be used: ${why}`, options);
    this.publicMessage = `${setting} can't be used: ${why}`;
  }
}

/** What an error of the file system or of SQLite means for whoever runs the service. */
const MEANINGS: Record<string, string> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space',
  SQLITE_FULL: 'the disk is full: free some space',
  EROFS: 'the file system is read-only: mount it writable, or name another folder',
  SQLITE_READONLY: 'it is not writable: give the service permission to write there, or name another folder',
  EACCES: 'permission denied: give the service permission to write there, or name another folder',
  EPERM: 'permission denied: give the service permission to write there, or name another folder',
  ENOENT: 'it cannot be made: name another folder, or remove a link that leads nowhere',
  ENOTDIR: 'it is not a folder: name a folder, or remove the file that is in its place',
  EEXIST: 'it is not a folder: name a folder, or remove the file or link that is in its place',
  ELOOP: 'its links form a loop: name another folder',
  ENAMETOOLONG: 'its name is too long: name another folder',
  EMFILE: 'the process has too many open files: raise its limit',
  ENFILE: 'the system has too many open files: raise its limit',
  EIO: 'the disk reports an error: check the disk',
  SQLITE_IOERR: 'the disk reports an error: check the disk and its free space',
  SQLITE_CANTOPEN: 'its files cannot be opened: check its permissions',
  SQLITE_BUSY: 'another process is writing there: stop it, or name another folder',
  SQLITE_PROTOCOL: 'another process is using it: stop it, or name another folder',
};

/**
 * Says in words which folder cannot be used and why. An error that has no such meaning stays as it is.
 *
 * @param setting that names the folder
 */
export function asUnusable(error: unknown, file: string, setting = 'STATE_DIR'): unknown {
  const code = codeOf(error);
  const meaning = code && (MEANINGS[code] ?? MEANINGS[/^SQLITE_[A-Z]+/.exec(code)?.[0] ?? '']);
  if (!meaning || isDamage(error)) return error;
  const folder = path.dirname(path.resolve(file));
  return new UnusableStateError(folder, `${meaning}. (${code})`, { setting, cause: error });
}

/**
 * Whether a state file could not be opened because of what is there in its place: a folder, a link that leads nowhere, or
 * a file without permission. Renaming it needs none. A lack of descriptors or memory is not such a case.
 */
export function isInTheWay(error: unknown, file: string): error is Error {
  if (!/^SQLITE_(?:CANTOPEN|READONLY|IOERR)|^EISDIR$|^EACCES$|^EPERM$/.test(codeOf(error) ?? ''))
    return false;
  return SUFFIXES.some((suffix) => {
    try {
      const { O_RDWR, O_NONBLOCK } = fs.constants;
      const descriptor = fs.openSync(file + suffix, O_RDWR | O_NONBLOCK);
      const isFile = fs.fstatSync(descriptor).isFile();
      fs.closeSync(descriptor);
      return !isFile;
    } catch (failure) {
      return ['EISDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENXIO'].includes(codeOf(failure) ?? '');
    }
  });
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
