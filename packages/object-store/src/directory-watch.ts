import fs from 'node:fs';
import path from 'node:path';
import { errno } from './directory-errors.ts';
import { bucketFolder, PARTIAL } from './directory-path.ts';

/** What changed is told after so long, together, ms. */
const TELL_AFTER_MS = 20;
/** Beyond so many keys, which ones changed is not told any more: a burst of that size loses some all the same. */
const MAX_KEYS = 2_000;
/** A bucket's folder that is gone is looked for this often, ms. */
const LOOK_EVERY_MS = 1_000;

/** A folder being watched. */
export interface DirectoryWatch {
  /** Resolves when every folder that was there at the beginning is watched. */
  ready: Promise<void>;
  stop: () => void;
}

/**
 * Watches the folder of a bucket (see `directory.ts`). What it tells are hints: it may name keys that are not there,
 * or did not change. Not `fs.watch`'s own recursion, which on Linux takes a watch for every file: one a folder.
 *
 * @param onChange hears the keys that changed; undefined when it can't be told which, after a burst or when a folder
 *   came or went
 * @param onError hears why a folder is not watched; there may be more of them than the system watches
 */
export function watchDirectory(
  root: string,
  bucket: string,
  onChange: (keys: readonly string[] | undefined) => void,
  onError: (error: Error) => void,
): DirectoryWatch {
  const top = bucketFolder(root, bucket).path;
  /** By the prefix of the keys in it: '' for the bucket itself, else with a `/` at its end. */
  const folders = new Map<string, fs.FSWatcher>();
  let isStopped = false;
  let looking: NodeJS.Timeout | undefined;
  const { note, noteAll, drop } = gatherKeys(onChange);

  /** Watches a folder and those in it. Set up before they are looked through: what comes meanwhile is noticed. */
  async function watch(prefix: string): Promise<void> {
    const folder = path.join(top, prefix);
    try {
      // Each folder by itself, and none keeps the process alive.
      const watcher = fs.watch(folder, { persistent: false }, (event, name) => onEvent(prefix, event, name));
      watcher.on('error', () => forget(prefix));
      folders.get(prefix)?.close();
      folders.set(prefix, watcher);
      for await (const entry of await fs.promises.opendir(folder)) {
        if (isStopped) return;
        if (entry.isDirectory() && prefix + entry.name !== PARTIAL) await watch(`${prefix}${entry.name}/`);
      }
    } catch (error) {
      if (isStopped) return;
      if (errno(error) !== 'ENOENT') onError(asError(error));
      else if (prefix === '') again();
    }
  }

  function onEvent(prefix: string, event: string, name: string | null): void {
    if (isStopped) return;
    const key = prefix + name;
    // By its own name a folder tells that it went itself. An object of that name costs a look at everything.
    if (prefix === '' && event === 'rename' && name === path.basename(top)) again();
    else if (name === null) noteAll();
    else if (key === PARTIAL) return;
    else if (
      event === 'rename' &&
      fs.lstatSync(path.join(top, key), { throwIfNoEntry: false })?.isDirectory()
    )
      watch(`${key}/`).finally(noteAll);
    else if (!folders.has(`${key}/`)) note(key);
    else if (event === 'rename') {
      forget(`${key}/`);
      noteAll();
    }
  }

  /** The bucket's own folder has gone, and may have come back: all begins anew once it is there. */
  function again(): void {
    forget('');
    if (isStopped || looking) return;
    looking = setInterval(() => {
      if (!fs.existsSync(top)) return;
      clearInterval(looking);
      looking = undefined;
      watch('').finally(noteAll);
    }, LOOK_EVERY_MS).unref();
  }

  function forget(prefix: string): void {
    for (const [each, watcher] of folders) {
      if (!each.startsWith(prefix)) continue;
      watcher.close();
      folders.delete(each);
    }
  }

  return {
    ready: watch(''),
    stop() {
      isStopped = true;
      clearInterval(looking);
      forget('');
      drop();
    },
  };
}

/** Gathers keys, and tells them together. */
function gatherKeys(tell: (keys: readonly string[] | undefined) => void) {
  let keys = new Set<string>();
  let isAll = false;
  let timer: NodeJS.Timeout | undefined;

  function later(): void {
    timer ??= setTimeout(() => {
      const told = isAll ? undefined : [...keys];
      timer = undefined;
      isAll = false;
      keys = new Set();
      tell(told);
    }, TELL_AFTER_MS).unref();
  }

  return {
    note(key: string): void {
      if (keys.size < MAX_KEYS) keys.add(key);
      else isAll = true;
      later();
    },
    noteAll(): void {
      isAll = true;
      later();
    },
    drop: () => clearTimeout(timer),
  };
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
