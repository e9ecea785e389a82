import fs from 'node:fs';
import { DamagedStateError } from './damage.ts';

/** Tells a file from another one that takes its place at the same path. */
export interface FileIdentity {
  device: number;
  inode: number;
}

/** @throws DamagedStateError when there is no file at the path */
export function identify(file: string): FileIdentity {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (!stats) throw new DamagedStateError('the file was removed while it was in use');
  return identityOf(stats);
}

export const identityOf = ({ dev, ino }: fs.Stats): FileIdentity => ({ device: dev, inode: ino });

/**
 * Checks that a path still leads to the file that other connections of this process have open. A connection to a file that took
 * its place would truncate the log's index, which has the same path, under the connections to the old file. They have it mapped,
 * so the process would end with SIGBUS. The locks of SQLite do not prevent that inside one process.
 *
 * @see https://www.sqlite.org/howtocorrupt.html#_unlinking_or_renaming_a_database_file_while_in_use
 * @throws DamagedStateError
 */
export function ensureSameFile(file: string, expected: FileIdentity): void {
  const { device, inode } = identify(file);
  if (device !== expected.device || inode !== expected.inode)
    throw new DamagedStateError('the file was replaced while it was in use');
}
