import fs from 'node:fs';
import path from 'node:path';

/**
 * Creates a folder and its parents where they do not exist, and checks that files can be created in it.
 *
 * It goes level by level: `fs.mkdirSync` with `recursive` never returns when a file system such as /proc answers ENOENT below an
 * existing folder.
 *
 * @throws Error of the file system
 */
export function ensureFolder(folder: string): void {
  create(path.resolve(folder));
  // SQLite reports a read-only file system and missing permissions with the same error.
  fs.accessSync(folder, fs.constants.W_OK);
}

function create(folder: string): void {
  if (isFolder(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) create(parent);
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    // Another process may have created it meanwhile.
    if (!isFolder(folder)) throw error;
  }
}

const isFolder = (folder: string): boolean =>
  fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
