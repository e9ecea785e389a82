import fs from 'node:fs';
import path from 'node:path';
import { errno, isMissing } from '../errors.ts';
import { mayBeInvalid } from '../listing/names.ts';
import { bucketFolder, folderIdentity, PARTIAL } from '../path.ts';
import { batchKeys } from './key-batches.ts';
import { watchedFolders } from './watched-folders.ts';

/** Interval of attempts to watch a bucket's folder that is missing or cannot be watched, ms. */
const BUCKET_RETRY_MS = 1_000;
/** Delay after a change until folders that cannot be watched are tried again, ms. */
const FOLDERS_RETRY_MS = 1_000;
/** Maximum number of folders whose reported errors are remembered. */
const MAX_REPORTED = 10_000;
/** The system's limit of watches is reached. */
const LIMIT_REACHED: ReadonlySet<string> = new Set(['ENOSPC', 'EMFILE', 'ENFILE', 'ENOMEM']);

const IF_THERE = { bigint: true, throwIfNoEntry: false } as const;

/** A running watch of a bucket's folder. */
export interface DirectoryWatch {
  /** Resolves when all folders that existed at the start are watched. */
  ready: Promise<void>;
  stop: () => void;
}

/**
 * Watches the folder of a bucket (`directory-store.ts`), without folders that are passed over. The keys are
 * hints: they may not exist, or not have changed. Each folder has its own watcher, because recursive `fs.watch` on
 * Linux uses one per file.
 *
 * Errors do not end the watch. An error during a check counts as a change of everything. A folder that cannot be
 * watched is tried again when something changes.
 *
 * @param isPassedOver whether a folder, with all that is in it, belongs to a tool
 * @param onChange called with the keys that changed; with undefined when they are unknown: after a burst, when a folder
 *   changed, for a name that may not be UTF-8, and after an error
 * @param onError called with the reason why a folder is not watched or a change could not be checked; once per folder
 *   and code until the folder is watched again
 */
export function watchDirectory(
  root: string,
  bucket: string,
  isPassedOver: (folder: string) => boolean,
  onChange: (keys: readonly string[] | undefined) => void,
  onError: (error: Error) => void,
): DirectoryWatch {
  const top = bucketFolder(root, bucket).path;
  const folders = watchedFolders();
  /** Prefixes of folders that cannot be watched. */
  const failed = new Set<string>();
  /** Codes of reported errors by the prefix of the folder. */
  const reported = new Map<string, Set<string>>();
  let isStopped = false;
  let looking: NodeJS.Timeout | undefined;
  let retrying: NodeJS.Timeout | undefined;
  const changes = batchKeys((keys) => {
    guard('', () => onChange(keys));
    if (failed.size > 0) retrying ??= setTimeout(retryFailed, FOLDERS_RETRY_MS).unref();
  });

  /** Runs a callback of the system or a timer. An uncaught error would end the process. */
  function guard(prefix: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      // A path that was removed meanwhile is a change, not an error.
      if (!isMissing(error)) report(prefix, error);
      changes.noteAll();
    }
  }

  function report(prefix: string, error: unknown): void {
    if (reported.size > MAX_REPORTED) reported.clear();
    const codes = reported.get(prefix) ?? new Set<string>();
    if (isStopped || codes.has(errno(error))) return;
    reported.set(prefix, codes.add(errno(error)));
    try {
      onError(error instanceof Error ? error : new Error(String(error)));
    } catch {
      // There is nothing else to report to.
    }
  }

  /**
   * Watches a folder and those in it.
   *
   * @returns the error when the folder itself cannot be watched
   */
  async function watch(prefix: string): Promise<unknown> {
    if (isStopped) return undefined;
    const folder = path.join(top, prefix);
    try {
      // Read the identity first: if another folder replaces this one, its event finds a different identity.
      const identity = folderIdentity(fs.statSync(folder, { bigint: true }));
      // Watch before reading the names, so that no change is missed. A watcher does not keep the process alive.
      const watcher = fs.watch(folder, { persistent: false }, (event, name) =>
        guard(prefix, () => onEvent(prefix, event, name)),
      );
      watcher.on('error', (error) => {
        handleUnwatchable(prefix, error);
        changes.noteAll();
      });
      folders.add(prefix, watcher, identity);
      // Read all names first: one open folder per level would use too many descriptors.
      const inner = await innerFolders(folder, prefix, isPassedOver);
      if (failed.delete(prefix) || prefix === '') reported.delete(prefix);
      for (const each of inner) await watch(each);
      return undefined;
    } catch (error) {
      handleUnwatchable(prefix, error);
      return error;
    }
  }

  /** Handles a folder that cannot be watched, or no longer. */
  function handleUnwatchable(prefix: string, error: unknown): void {
    if (isStopped) return;
    folders.drop(prefix);
    if (prefix === '') again();
    else if (!isMissing(error)) failed.add(prefix);
    else failed.delete(prefix);
    if (!isMissing(error)) report(prefix, error);
  }

  function onEvent(prefix: string, event: string, name: string | null): void {
    if (isStopped) return;
    const [key, inner] = [prefix + name, `${prefix}${name}/`];
    if (name === null) changes.noteAll();
    // An event of the folder itself: Linux gives no name, other systems the folder's. An object with that name costs
    // little.
    else if (prefix === '' && (name === '' || name === path.basename(top)))
      onFolder('', fs.statSync(top, IF_THERE));
    else if (name === '' || key === PARTIAL) return;
    else if (isPassedOver(key)) changes.note(key);
    else if (mayBeInvalid(name)) changes.noteAll();
    // Linux says of each event of a folder that it is a rename, also when its permissions change.
    else if (event === 'rename' || failed.has(inner))
      onFolder(inner, fs.lstatSync(path.join(top, key), IF_THERE));
    else changes.note(key);
  }

  /** Something that may be a folder, or have been one, came, went or changed. */
  function onFolder(prefix: string, stats: fs.BigIntStats | undefined): void {
    const watched = folders.identityOf(prefix);
    if (stats?.isDirectory()) {
      if (watched === folderIdentity(stats)) changes.noteAll();
      else watch(prefix).finally(changes.noteAll);
      return;
    }
    folders.drop(prefix);
    const wasFolder = failed.delete(prefix) || watched !== undefined;
    reported.delete(prefix);
    if (prefix === '') again();
    if (prefix === '' || wasFolder) changes.noteAll();
    else changes.note(prefix.slice(0, -1));
  }

  async function retryFailed(): Promise<void> {
    let isAnyWatched = false;
    for (const prefix of [...failed]) {
      const error = await watch(prefix);
      if (error === undefined) isAnyWatched = true;
      else if (LIMIT_REACHED.has(errno(error))) break;
    }
    retrying = undefined;
    if (isAnyWatched && !isStopped) changes.noteAll();
  }

  /** The bucket's folder is gone. Starts again when it is back. */
  function again(): void {
    folders.drop('');
    if (isStopped || looking) return;
    looking = setInterval(async () => {
      if (!fs.existsSync(top)) return;
      clearInterval(looking);
      looking = undefined;
      if ((await watch('')) === undefined && !isStopped) changes.noteAll();
    }, BUCKET_RETRY_MS).unref();
  }

  return {
    ready: watch('').then(() => undefined),
    stop() {
      isStopped = true;
      clearInterval(looking);
      clearTimeout(retrying);
      folders.drop('');
      changes.drop();
    },
  };
}

/** Returns the prefixes of the folders to watch in a folder. */
async function innerFolders(
  folder: string,
  prefix: string,
  isPassedOver: (folder: string) => boolean,
): Promise<string[]> {
  const inner: string[] = [];
  for await (const entry of await fs.promises.opendir(folder)) {
    const key = prefix + entry.name;
    if (entry.isDirectory() && key !== PARTIAL && !isPassedOver(key)) inner.push(`${key}/`);
  }
  return inner;
}
