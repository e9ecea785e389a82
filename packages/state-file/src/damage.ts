import fs from 'node:fs';
import path from 'node:path';

/** Damaged files that are kept beside the state file, with their logs: the newest ones. */
const MAX_SET_ASIDE = 2;
/** Suffixes of the files of one SQLite database: the database, the write-ahead log, the log's index. */
export const DATABASE_SUFFIXES = ['', '-wal', '-shm'] as const;

/** Error codes of a damaged file. The extended codes of SQLITE_CORRUPT are checked by their prefix. */
const DAMAGE_CODES = new Set([
  'SQLITE_NOTADB',
  'SQLITE_READONLY_DBMOVED',
  'SQLITE_IOERR_CORRUPTFS',
  // The file was truncated.
  'SQLITE_IOERR_SHORT_READ',
  // A DamagedStateError of another thread has lost its class.
  'state_damaged',
]);

/** SQLite can read the state file, but its content cannot be used: it has other tables, or the check failed. */
export class DamagedStateError extends Error {
  override name = 'DamagedStateError';
  readonly code = 'state_damaged';
}

/** Whether an error means that a state file is damaged, and has to be set aside and created again. */
export function isDamage(error: unknown): error is Error {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return DAMAGE_CODES.has(error.code) || error.code.startsWith('SQLITE_CORRUPT');
}

/**
 * Sets a damaged state file aside: renames it and its logs to `<file>.damaged-<time>`, and removes all but the newest two of
 * these. Every connection must be closed before.
 *
 * @param now ms since 1970 UTC
 * @returns the new path
 * @throws Error of the file system, when the folder cannot be written
 */
export function setAside(file: string, now: number): string {
  const time = new Date(now).toISOString().replace(/[-:.]/g, '');
  let aside = `${file}.damaged-${time}`;
  for (let i = 2; fs.existsSync(aside); i++) aside = `${file}.damaged-${time}-${i}`;
  for (const suffix of DATABASE_SUFFIXES) {
    try {
      fs.renameSync(file + suffix, aside + suffix);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  removeOldest(file);
  return aside;
}

function removeOldest(file: string): void {
  const prefix = `${path.basename(file)}.damaged-`;
  const folder = path.dirname(file);
  const kept = fs
    .readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.replace(/-(?:wal|shm)$/, ''));
  for (const name of [...new Set(kept)].sort().slice(0, -MAX_SET_ASIDE)) {
    for (const suffix of DATABASE_SUFFIXES) {
      fs.rmSync(path.join(folder, name + suffix), { recursive: true, force: true });
    }
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
