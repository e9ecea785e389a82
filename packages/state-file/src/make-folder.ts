import fs from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder and those above it, where they are not there, and ensures that files can be made in it.
 *
 * Level by level: `fs.mkdirSync` with `recursive` never returns when a file system such as /proc answers ENOENT below a
 * folder that is there.
 *
 * @throws Error of the file system
 */
export function makeFolder(folder: string): void {
  make(path.resolve(folder));
  // SQLite reports a read-only file system and a lack of rights in the same words.
  fs.accessSync(folder, fs.constants.W_OK);
}

function make(folder: string): void {
  if (isFolder(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) make(parent);
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isFolder(folder)) throw error;
  }
}

const isFolder = (folder: string): boolean =>
  fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
