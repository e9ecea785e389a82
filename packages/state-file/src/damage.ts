import fs from 'node:fs';
import path from 'node:path';

/** Damaged files that are kept beside the state file, with their logs; the newest ones. */
const KEPT = 2;
/** SQLite's files of one database: itself, the write-ahead log, and the log's index. */
export const SUFFIXES = ['', '-wal', '-shm'] as const;

/** Error codes of SQLite that say that the file is not what SQLite wrote. Extended codes begin with SQLITE_CORRUPT. */
const DAMAGE_CODES = new Set([
  'SQLITE_NOTADB',
  'SQLITE_READONLY_DBMOVED',
  'SQLITE_IOERR_CORRUPTFS',
  // The file was cut.
  'SQLITE_IOERR_SHORT_READ',
]);

/** A state file whose content cannot be used although SQLite can read it: foreign tables, or a failed check. */
export class DamagedStateError extends Error {
  override name = 'DamagedStateError';
  readonly code = 'state_damaged';
}

/** Whether an error says that a state file is damaged, so that it has to be set aside and made again. */
export function isDamage(error: unknown): error is Error {
  if (error instanceof DamagedStateError) return true;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return DAMAGE_CODES.has(error.code) || error.code.startsWith('SQLITE_CORRUPT');
}

/**
 * Renames a state file and its logs to `<file>.damaged-<time>`, and removes all but the newest two of those. Every
 * connection must be closed before.
 *
 * @param now ms since 1970 UTC
 * @returns the new path
 * @throws Error of the file system, when the folder cannot be written
 */
export function setAside(file: string, now: number): string {
  const time = new Date(now).toISOString().replace(/[-:.]/g, '');
  let aside = `${file}.damaged-${time}`;
  for (let i = 2; fs.existsSync(aside); i++) aside = `${file}.damaged-${time}-${i}`;
  for (const suffix of SUFFIXES) {
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
  for (const name of [...new Set(kept)].sort().slice(0, -KEPT)) {
    for (const suffix of SUFFIXES) {
      fs.rmSync(path.join(folder, name + suffix), { recursive: true, force: true });
    }
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
