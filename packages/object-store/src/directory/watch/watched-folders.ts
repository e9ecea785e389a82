import type { FSWatcher } from 'node:fs';

interface WatchedFolder {
  watcher: FSWatcher;
  /** Of the folder, as in `folderIdentity`. */
  identity: string;
  /** Prefixes of the watched folders in it. */
  inner: Set<string>;
}

/**
 * Watchers of a folder tree, by key prefix: empty for the root, otherwise with a final `/`. A folder is added after its
 * parent.
 */
export function watchedFolders() {
  const folders = new Map<string, WatchedFolder>();

  /** Closes the watchers of a folder and of all folders below it. */
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
    /** Adds a folder. An existing one with that prefix, and all below it, are dropped first. */
    add(prefix: string, watcher: FSWatcher, identity: string): void {
      drop(prefix);
      folders.set(prefix, { watcher, identity, inner: new Set() });
      if (prefix !== '') folders.get(outerOf(prefix))?.inner.add(prefix);
    },
    drop,
  };
}

const outerOf = (prefix: string): string => prefix.slice(0, prefix.lastIndexOf('/', prefix.length - 2) + 1);
