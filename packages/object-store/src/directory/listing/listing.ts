import fs from 'node:fs';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import { type ListedObject, type ListingFault, StoreError } from '../../object-store.ts';
import { affectsAll, asStoreError, errno, isMissing } from '../errors.ts';
import { type BucketFolder, folderIdentity, PARTIAL } from '../path.ts';
import {
  faulty,
  fileEntry,
  kindOfBytes,
  kindsOf,
  linkEntry,
  NOT_UTF8,
  statEntry,
  unreadable,
} from './entries.ts';
import { type FolderNames, readNames } from './names.ts';

/**
 * Files per page and per event-loop tick: about 1 ms. Larger pages would survive V8's young generation.
 */
const FILES_PER_PAGE = 128;

type Pages = AsyncIterable<readonly ListedObject[]>;

/** State of one listing. */
interface ListingState {
  bucket: BucketFolder;
  /** The prefix of the keys to list. */
  wanted: string;
  /** Whether an entry of a folder no longer existed when its stats were read. */
  hasVanished: boolean;
}

/** A folder of the bucket. */
interface Folder {
  path: string;
  /** The prefix of its keys: empty for the bucket's folder, otherwise with a final `/`. */
  prefix: string;
  /** The file system that it is on. */
  device: bigint;
}

/**
 * Lists the files of a bucket whose key starts with `wanted`, in byte order of the keys. Only the names of the
 * folders on the current path are in memory. An entry that cannot be read has a fault.
 *
 * @throws StoreError when the bucket's folder, or the folder that contains all wanted keys, cannot be listed
 */
export async function* listBucket(bucket: BucketFolder, wanted: string): Pages {
  const state = { bucket, wanted, hasVanished: false };
  try {
    const before = fs.statSync(bucket.path, { bigint: true });
    yield* listFolder(state, { path: bucket.path, prefix: '', device: before.dev });
    if (!state.hasVanished) return;
    const after = fs.statSync(bucket.path, { bigint: true });
    if (folderIdentity(after) !== folderIdentity(before)) throw replaced(bucket, '');
  } catch (error) {
    throw asStoreError(error, bucket, '', 'list');
  }
}

async function* listFolder(state: ListingState, folder: Folder): Pages {
  const { bucket, wanted } = state;
  const { path, prefix } = folder;
  let page: ListedObject[] = [];
  // Keys of a folder begin with its name and `/`. In byte order, `a-b` and `a.csv` come before `a/…`.
  const inner: (Folder | ListedObject)[] = [];
  async function* flush(): Pages {
    if (page.length > 0) yield page;
    page = [];
  }
  async function* innerBefore(key: string | undefined): Pages {
    for (let last = inner.at(-1); last !== undefined; last = inner.at(-1)) {
      if (key !== undefined && compareBytes('path' in last ? last.prefix : last.key, key) > 0) return;
      inner.pop();
      yield* flush();
      if ('path' in last) yield* listFolder(state, last);
      else yield [last];
    }
  }

  const read = await readFolderNames(state, folder);
  if ('code' in read) return yield [faulty(prefix, read)];
  const { names, invalid } = read;
  let kinds: Awaited<ReturnType<typeof kindsOf>> | undefined;
  let isFirst = true;
  let hasVanished = false;
  // Removed one by one, so that memory shrinks while a million names are processed.
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    const key = prefix + name;
    if (!key.startsWith(wanted) && !wanted.startsWith(`${key}/`)) continue;
    if (key === PARTIAL) continue;
    const file = `${path}/${name}`;
    const bytes = invalid?.get(name);
    const found = bytes ? undefined : statEntry(file);
    let entry: ListedObject | undefined;
    let below: Folder | ListedObject | undefined;
    if (bytes || found instanceof Error) {
      // Without search permission for the folder, no entry has stats.
      if (isFirst && errno(found) === 'EACCES') {
        ensureOnlyThisFolder(state, folder, found);
        return yield [faulty(prefix, unreadable(found))];
      }
      if (!bytes) kinds ??= await kindsOf(path);
      const kind = bytes ? kindOfBytes(path, bytes) : kinds?.(name);
      const fault = bytes ? NOT_UTF8 : unreadable(found);
      // An entry of unknown kind counts as a file and as a folder, so that known rows below it stay.
      if (kind === 'file' || kind === 'unknown') entry = faulty(key, fault);
      if (kind === 'folder' || kind === 'unknown') below = faulty(`${key}/`, fault);
    } else if (found === undefined) hasVanished = true;
    else if (found.isFile()) entry = fileEntry(key, found);
    else if (found.isDirectory()) below = { path: file, prefix: `${key}/`, device: found.dev };
    else if (found.isSymbolicLink()) {
      entry = linkEntry(bucket, key, file);
      hasVanished ||= entry === undefined;
    }

    isFirst = false;
    if (entry?.key.startsWith(wanted)) {
      if (inner.length > 0) yield* innerBefore(key);
      page.push(entry);
    }
    if (below) {
      yield* innerBefore(`${key}/`);
      inner.push(below);
    }
    if (page.length < FILES_PER_PAGE) continue;
    yield* flush();
    await new Promise(setImmediate);
  }
  yield* innerBefore(undefined);
  yield* flush();
  if (hasVanished) checkVanished(state, folder);
}

/** @returns the names, or why they cannot be read; no names when the folder was removed during the listing */
async function readFolderNames(state: ListingState, folder: Folder): Promise<FolderNames | ListingFault> {
  try {
    return await readNames(folder.path);
  } catch (error) {
    if (folder.prefix !== '' && isMissing(error)) {
      state.hasVanished = true;
      return { names: [], invalid: undefined };
    }
    ensureOnlyThisFolder(state, folder, error);
    return unreadable(error);
  }
}

/** Throws when the folder contains all wanted keys, or the error affects more than the folder. */
function ensureOnlyThisFolder({ bucket, wanted }: ListingState, { prefix }: Folder, error: unknown): void {
  if (affectsAll(error) || wanted.startsWith(prefix)) throw asStoreError(error, bucket, prefix, 'list');
}

/** Entries without stats are removed objects, unless the disk was unmounted. */
function checkVanished(state: ListingState, { path, prefix, device }: Folder): void {
  state.hasVanished = true;
  const stats = statEntry(path);
  if (stats instanceof Error) throw asStoreError(stats, state.bucket, prefix, 'list');
  // The bucket's folder may be a link. `listBucket` checks it.
  if (prefix !== '' && stats && stats.dev !== device) throw replaced(state.bucket, prefix);
}

const replaced = ({ name }: BucketFolder, prefix: string): StoreError =>
  new StoreError('unavailable', `the folder ${name}/${prefix} was replaced while it was listed`);
