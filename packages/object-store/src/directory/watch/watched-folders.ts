import type { FSWatcher } from 'node:fs';

interface WatchedFolder {
  watcher: FSWatcher;
  /** Of the folder, as in `folderIdentity`. */
  identity: string;
  /** Prefixes of the watched folders in it. */
  inner: Set<string>;
}

/**
 * The watchers of a tree of folders, by the prefix of the keys in each: empty for the outermost, else with a `/` at its
 * end. A folder is added after the one that it lies in.
 */
export function watchedFolders() {
  const folders = new Map<string, WatchedFolder>();

  /** Ends the watchers of a folder and of all below it. Its cost is theirs, however many others there are. */
  function drop(prefix: string): void {
    const folder = folders.get(prefix);
    if (!folder) return;
    folders.delete(prefix);
    folders.get(outerOf(prefix))?.inner.delete(prefix);
    folder.watcher.close();
    for (const inner of folder.inner) drop(inner);
  }

  return {
    has: (prefix: string): boolean => folders.has(prefix),
    identityOf: (prefix: string): string | undefined => folders.get(prefix)?.identity,
    /** Adds a folder; one of that prefix, and all below it, are dropped before. */
    add(prefix: string, watcher: FSWatcher, identity: string): void {
      drop(prefix);
      folders.set(prefix, { watcher, identity, inner: new Set() });
      if (prefix !== '') folders.get(outerOf(prefix))?.inner.add(prefix);
    },
    drop,
  };
}

const outerOf = (prefix: string): string => prefix.slice(0, prefix.lastIndexOf('/', prefix.length - 2) + 1);
