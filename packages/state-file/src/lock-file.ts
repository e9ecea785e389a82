import fs from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { ensureFolder } from './ensure-folder.ts';
import { asUnusable } from './unusable.ts';

/** A lock that this process holds. */
export interface Lock {
  release: () => void;
}

/** The file's time is updated at this interval, ms: system tools may remove files that were not written for a day. */
const TOUCH_INTERVAL_MS = 3_600_000;

/** References to the held databases: garbage collection of a database would release its lock. */
const held = new Set<Database.Database>();

/**
 * Acquires a lock that one process holds at a time. SQLite holds it as a lock of the operating system, so it is free as soon as
 * the process has ended, also after `kill -9`. The file stays, and is empty.
 *
 * @param file a file for this lock only; created, with its folder, when it does not exist
 * @param setting name of the setting that contains the folder, for the error
 * @returns undefined while another process, or this one, holds the lock
 * @throws UnusableStateError when the folder does not allow it
 */
export function openLock(file: string, setting?: string): Lock | undefined {
  let database: Database.Database | undefined;
  try {
    ensureFolder(path.dirname(file));
    database = new Database(file, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw asUnusable(error, file, setting);
  }
  const locked = database;
  held.add(locked);
  const touchTimer = setInterval(() => {
    const now = new Date();
    // It fails when the folder was removed. There is nothing to keep then.
    fs.utimes(file, now, now, () => undefined);
  }, TOUCH_INTERVAL_MS);
  touchTimer.unref();
  return {
    release() {
      clearInterval(touchTimer);
      held.delete(locked);
      locked.close();
    },
  };
}
