import fs from 'node:fs';
import { canReopen, ensureInside, pathToOpen } from './bounds.ts';
import { errno } from './errors.ts';
import type { BucketFolder } from './path.ts';

/** How many folders are held open at once: descriptors are scarce. */
const MAX_HELD = 16;
const FLAGS = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY;

/** Folders of a bucket that are held open while many of their files are read. */
export interface HeldFolders {
  /**
   * A path into a folder of the bucket, which leads into that very folder whatever is swapped meanwhile; undefined when
   * the folder is not held, as it is from the second time on.
   *
   * @param name as in the keys, without a `/` at its end
   * @throws StoreError outside_bucket; and what the file system throws
   */
  pathInto: (name: string) => string | undefined;
  close: () => void;
}

/**
 * To check the folder of each file costs as much as to read it. A folder of which many are read is checked once, and held.
 */
export function holdFolders(bucket: BucketFolder): HeldFolders {
  const seen = new Set<string>();
  const held = new Map<string, string>();
  const descriptors: number[] = [];
  return {
    pathInto(name) {
      const path = held.get(name);
      if (path !== undefined || descriptors.length === MAX_HELD || !canReopen) return path;
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

/** @returns undefined for a folder that may not be listed: its files may be readable all the same */
function openFolder(folder: string): number | undefined {
  try {
    return fs.openSync(folder, FLAGS);
  } catch (error) {
    if (errno(error) === 'EACCES') return undefined;
    throw error;
  }
}
