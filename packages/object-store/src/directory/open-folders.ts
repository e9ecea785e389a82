import fs from 'node:fs';
import { canReopen, ensureInside, pathToOpen } from './bounds.ts';
import { errno } from './errors.ts';
import type { BucketFolder } from './path.ts';

/** Maximum number of open folders, since descriptors are limited. */
const MAX_OPEN = 16;
const FLAGS = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY;

/** Folders of a bucket that stay open while many of their files are read. */
export interface OpenFolders {
  /**
   * Returns a path into an open folder, valid even when the folder is replaced; undefined when the folder is not
   * open. A folder is opened at its second use.
   *
   * @param name as in the keys, without the final `/`
   * @throws StoreError outside_bucket; file system errors
   */
  pathInto: (name: string) => string | undefined;
  close: () => void;
}

/**
 * Opens folders and checks each once. Checking the folder of every file costs as much as reading the file.
 */
export function openFolders(bucket: BucketFolder): OpenFolders {
  const seen = new Set<string>();
  const held = new Map<string, string>();
  const descriptors: number[] = [];
  return {
    pathInto(name) {
      const path = held.get(name);
      if (path !== undefined || descriptors.length === MAX_OPEN || !canReopen) return path;
      if (!seen.has(name)) {
        seen.add(name);
        return undefined;
      }
      const folder = `${bucket.path}/${name}`;
      const descriptor = openFolder(folder);
      if (descriptor === undefined) return undefined;
      descriptors.push(descriptor);
      ensureInside(bucket, descriptor, folder, name);
      const into = pathToOpen(descriptor);
      if (into !== undefined) held.set(name, into);
      return into;
    },
    close() {
      for (const descriptor of descriptors) fs.closeSync(descriptor);
    },
  };
}

/** @returns undefined when the folder cannot be listed: its files may still be readable */
function openFolder(folder: string): number | undefined {
  try {
    return fs.openSync(folder, FLAGS);
  } catch (error) {
    if (errno(error) === 'EACCES') return undefined;
    throw error;
  }
}
