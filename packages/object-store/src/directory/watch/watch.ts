import fs from 'node:fs';
import path from 'node:path';
import { isOddKey } from '@landfall/contracts/text/odd-files';
import { errno, isNotThere } from '../errors.ts';
import { mayBeInvalid } from '../listing/names.ts';
import { bucketFolder, folderIdentity, PARTIAL } from '../path.ts';
import { gatherKeys } from './key-batches.ts';
import { watchedFolders } from './watched-folders.ts';

/** How often a bucket's folder that is gone, or cannot be watched, is tried again, ms. */
const BUCKET_RETRY_MS = 1_000;
/** How long after a change other folders that cannot be watched are tried again, ms. */
const FOLDERS_RETRY_MS = 1_000;
/** How many folders with reported errors are remembered. */
const MAX_REPORTED = 10_000;
/** The system watches no more folders. */
const LIMIT_REACHED: ReadonlySet<string> = new Set(['ENOSPC', 'EMFILE', 'ENFILE', 'ENOMEM']);

const IF_THERE = { bigint: true, throwIfNoEntry: false } as const;

/** A folder being watched. */
export interface DirectoryWatch {
  /** Resolves when every folder that was there at the beginning is watched. */
  ready: Promise<void>;
  stop: () => void;
}

/**
 * Watches the folder of a bucket (see `directory.ts`), without the folders that tools keep for themselves. The keys are
 * hints: they may not be there, or not have changed. Not `fs.watch`'s own recursion, which on Linux takes a watch for
 * every file: one a folder.
 *
 * No error ends the watch. One that comes up while a change is looked at counts as a change of everything. A folder that
 * cannot be watched is tried again when something changes.
 *
 * @param onChange gets the keys that changed; undefined when it is not known which: after a burst, when a folder changed,
 *   for a name that may not be UTF-8, and after an error
 * @param onError gets why a folder is not watched, or a change could not be looked at; once for a folder and a code until
 *   that folder is watched again
 */
export function watchDirectory(
  root: string,
  bucket: string,
  onChange: (keys: readonly string[] | undefined) => void,
  onError: (error: Error) => void,
): DirectoryWatch {
  const top = bucketFolder(root, bucket).path;
  const folders = watchedFolders();
  /** The prefixes of folders that are to be watched and cannot be. */
  const failed = new Set<string>();
  /** The codes of the errors that were reported, by the prefix of the folder. */
  const reported = new Map<string, Set<string>>();
  let isStopped = false;
  let looking: NodeJS.Timeout | undefined;
  let retrying: NodeJS.Timeout | undefined;
  const changes = gatherKeys((keys) => {
    guard('', () => onChange(keys));
    if (failed.size > 0) retrying ??= setTimeout(retryFailed, FOLDERS_RETRY_MS).unref();
  });

  /** Runs what the system or a timer calls: what it throws would end the process. */
  function guard(prefix: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      // What went meanwhile is a change, and no error.
      if (!isNotThere(error)) report(prefix, error);
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
      // There is nobody else to report to.
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
      // Read first: should another folder take the place of this one, the event of that finds another one.
      const identity = folderIdentity(fs.statSync(folder, { bigint: true }));
      // Watched before it is looked through: what comes meanwhile is noticed. None keeps the process alive.
      const watcher = fs.watch(folder, { persistent: false }, (event, name) =>
        guard(prefix, () => onEvent(prefix, event, name)),
      );
      watcher.on('error', (error) => {
        lose(prefix, error);
        changes.noteAll();
      });
      folders.add(prefix, watcher, identity);
      // All names first: a folder that stays open for each level would be too many descriptors.
      const inner = await innerFolders(folder, prefix);
      if (failed.delete(prefix) || prefix === '') reported.delete(prefix);
      for (const each of inner) await watch(each);
      return undefined;
    } catch (error) {
      lose(prefix, error);
      return error;
    }
  }

  /** A folder cannot be watched, or not any more. */
  function lose(prefix: string, error: unknown): void {
    if (isStopped) return;
    folders.drop(prefix);
    if (prefix === '') again();
    else if (!isNotThere(error)) failed.add(prefix);
    else failed.delete(prefix);
    if (!isNotThere(error)) report(prefix, error);
  }

  function onEvent(prefix: string, event: string, name: string | null): void {
    if (isStopped) return;
    const [key, inner] = [prefix + name, `${prefix}${name}/`];
    if (name === null) changes.noteAll();
    // A folder's own event: Linux names no file, other systems the folder. An object of that name costs little.
    else if (prefix === '' && (name === '' || name === path.basename(top)))
      onFolder('', fs.statSync(top, IF_THERE));
    else if (name === '' || key === PARTIAL) return;
    else if (isOddKey(key)) changes.note(key);
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

  /** The bucket's own folder has gone, and may have come back: all begins anew once it is there. */
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

/** The prefixes of the folders in a folder that are watched: not those that tools keep for themselves. */
async function innerFolders(folder: string, prefix: string): Promise<string[]> {
  const inner: string[] = [];
  for await (const entry of await fs.promises.opendir(folder)) {
    const key = prefix + entry.name;
    if (entry.isDirectory() && key !== PARTIAL && !isOddKey(key)) inner.push(`${key}/`);
  }
  return inner;
}
