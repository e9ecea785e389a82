import fs from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';

export type StateFile = Database.Database;

/** What a file of one's own state looks like. */
export interface StateFileLayout {
  /** Statements that make the tables; run once, on an empty file. */
  schema: string;
  /** Goes up with every change of `schema`. */
  schemaVersion: number;
}

/**
 * Opens a SQLite file that holds nothing that could not be made again; makes it when it is not there, is of
 * another layout, or is damaged. In WAL mode: readers on other connections see the last commit and never wait.
 *
 * @param onDiscard hears why an existing file was thrown away
 */
export function openStateFile(
  file: string,
  layout: StateFileLayout,
  onDiscard: (why: string) => void,
): StateFile {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  try {
    const opened = open(file);
    const version = opened.pragma('user_version', { simple: true });
    if (version === layout.schemaVersion) return opened;
    opened.close();
    if (version !== 0) onDiscard(`${file} has layout ${version} instead of ${layout.schemaVersion}`);
  } catch (error) {
    if (!isDamage(error)) throw error;
    onDiscard(`${file}: ${error.message}`);
  }
  for (const suffix of ['', '-wal', '-shm']) fs.rmSync(file + suffix, { force: true });
  const made = open(file);
  made.transaction(() => {
    made.exec(layout.schema);
    made.pragma(`user_version = ${layout.schemaVersion}`);
  })();
  return made;
}

/** Bytes; SQLite takes no more. */
const MAX_MAPPED = 2 ** 31 - 2 ** 16;

/**
 * Opens a state file that somebody else writes. It is mapped into memory, which saves a system call and a copy for every
 * page that is not at hand: the memory is the system's, which takes it back when it needs it.
 */
export function openForReading(file: string): StateFile {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  database.pragma(`mmap_size = ${MAX_MAPPED}`);
  return database;
}

/** Bytes. */
const LOG_STAYS = 16 * 1024 * 1024;

function open(file: string): StateFile {
  const database = new Database(file);
  try {
    database.pragma('journal_mode = WAL');
    // In WAL mode a crash of the machine may cost the last commits, never the file; they are made again.
    database.pragma('synchronous = NORMAL');
    // The log grows with the largest transaction; afterwards it need not stay that large.
    database.pragma(`journal_size_limit = ${LOG_STAYS}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function isDamage(error: unknown): error is Error {
  return (
    error instanceof Database.SqliteError &&
    (error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT'))
  );
}
