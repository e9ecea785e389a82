import fs from 'node:fs';
import path from 'node:path';
import { DATABASE_SUFFIXES, isDamage } from './damage.ts';

/** The state folder cannot be used. The text says what the operator has to change. */
export class UnusableStateError extends Error {
  override name = 'UnusableStateError';
  /** The text without the path of the folder. */
  readonly publicMessage: string;
  /** `fail` of the package `process` prints the text without a stack and exits with 78. */
  readonly isForOperator = true;

  /**
   * @param options `setting` is the name of the setting that contains the folder
   */
  constructor(folder: string, why: string, options: ErrorOptions & { setting?: string } = {}) {
    const { setting = 'STATE_DIR' } = options;
    super(`${setting} (${folder}) can't be used: ${why}`, options);
    this.publicMessage = `${setting} can't be used: ${why}`;
  }
}

/** Errors of the file system and of SQLite, and what the operator can do about them. */
const EXPLANATIONS: Record<string, string> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space',
  SQLITE_FULL: 'the disk is full: free some space',
  EROFS: 'the file system is read-only: mount it writable, or name another folder',
  SQLITE_READONLY: 'it is not writable: give the service permission to write there, or name another folder',
  EACCES: 'permission denied: give the service permission to write there, or name another folder',
  EPERM: 'permission denied: give the service permission to write there, or name another folder',
  ENOENT: 'it cannot be created: name another folder, or remove a link that leads nowhere',
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
 * Turns an error of the file system or of SQLite into an UnusableStateError. Returns other errors, and damage, as they are.
 *
 * @param setting name of the setting that contains the folder
 */
export function asUnusable(error: unknown, file: string, setting = 'STATE_DIR'): unknown {
  const code = codeOf(error);
  const explanation = code && (EXPLANATIONS[code] ?? EXPLANATIONS[/^SQLITE_[A-Z]+/.exec(code)?.[0] ?? '']);
  if (!explanation || isDamage(error)) return error;
  const folder = path.dirname(path.resolve(file));
  return new UnusableStateError(folder, `${explanation}. (${code})`, { setting, cause: error });
}

/**
 * Whether a state file could not be opened because something else is in its place: a folder, a broken link, or a file without
 * permission. It can still be renamed. A lack of descriptors or memory is not such a case.
 */
export function isObstructed(error: unknown, file: string): error is Error {
  if (!/^SQLITE_(?:CANTOPEN|READONLY|IOERR)|^EISDIR$|^EACCES$|^EPERM$/.test(codeOf(error) ?? ''))
    return false;
  return DATABASE_SUFFIXES.some((suffix) => {
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
