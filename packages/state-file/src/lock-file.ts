import fs from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { makeFolder } from './make-folder.ts';
import { asUnusable } from './unusable.ts';

/** A lock that this process holds. */
export interface Lock {
  release: () => void;
}

/** The file is touched this often, ms: a folder may be swept of files that nobody has written to for a day. */
const TOUCH_EVERY_MS = 3_600_000;

/** A database that nobody refers to is collected, and its lock with it: also when the caller drops the lock. */
const held = new Set<Database.Database>();

/**
 * Takes a lock that one process has at a time. SQLite holds it as a lock of the operating system, so it is free as soon as
 * the process has ended, however it ended. The file stays, and is empty.
 *
 * @param file made when it is not there, with its folder; used for nothing else
 * @param setting that names the folder, for the error; default STATE_DIR
 * @returns undefined while another process, or this one, holds it
 * @throws UnusableStateError when the folder does not allow it
 */
export function openLock(file: string, setting?: string): Lock | undefined {
  let database: Database.Database | undefined;
  try {
    makeFolder(path.dirname(file));
    database = new Database(file, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw asUnusable(error, file, setting);
  }
  const locked = database;
  held.add(locked);
  const touching = setInterval(() => {
    const now = new Date();
    // Where the folder was removed there is nothing to keep.
    fs.utimes(file, now, now, () => undefined);
  }, TOUCH_EVERY_MS);
  touching.unref();
  return {
    release() {
      clearInterval(touching);
      held.delete(locked);
      locked.close();
    },
  };
}
