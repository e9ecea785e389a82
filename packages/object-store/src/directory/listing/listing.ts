import fs from 'node:fs';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import { type ListedObject, type ListingFault, StoreError } from '../../object-store.ts';
import { asStoreError, concernsAll, errno, isNotThere } from '../errors.ts';
import { versionOf } from '../file-etag.ts';
import { type BucketFolder, folderIdentity, PARTIAL } from '../path.ts';
import {
  faulty,
  kindOfBytes,
  kindsOf,
  ListedFile,
  linkEntry,
  lookAt,
  NOT_UTF8,
  unreadable,
} from './entries.ts';
import { type FolderNames, readNames } from './names.ts';

/**
 * Files of a page, and how many are looked at before other work gets its turn: about 1 ms. Of more, too much would
 * outlive V8's young generation.
 */
const FILES_PER_PAGE = 128;

type Pages = AsyncIterable<readonly ListedObject[]>;

/** A listing under way. */
interface Walk {
  bucket: BucketFolder;
  /** Keys that start with it are listed. */
  wanted: string;
  /** Whether something that a folder named was gone when it was looked at. */
  hasVanished: boolean;
}

/** A folder of the bucket. */
interface Folder {
  path: string;
  /** Of the keys in it: empty for the bucket's folder, else with a `/` at its end. */
  prefix: string;
  /** The file system that it is on. */
  device: bigint;
}

/**
 * The files of a bucket whose key starts with `wanted`, in byte order of the keys. Of a folder only its names are held
 * in memory. What cannot be read is an entry with a fault.
 *
 * @throws StoreError when the bucket's folder, or the one that holds all that is wanted, cannot be listed
 */
export async function* listBucket(bucket: BucketFolder, wanted: string): Pages {
  const walk = { bucket, wanted, hasVanished: false };
  try {
    const before = fs.statSync(bucket.path, { bigint: true });
    yield* listFolder(walk, { path: bucket.path, prefix: '', device: before.dev });
    if (!walk.hasVanished) return;
    const after = fs.statSync(bucket.path, { bigint: true });
    if (folderIdentity(after) !== folderIdentity(before)) throw replaced(bucket, '');
  } catch (error) {
    throw asStoreError(error, bucket, '', 'list');
  }
}

async function* listFolder(walk: Walk, folder: Folder): Pages {
  const { bucket, wanted } = walk;
  const { path, prefix } = folder;
  let page: ListedObject[] = [];
  // A folder's keys begin with its name and a `/`: `a-b` and `a.csv` come after the name `a`, and before them.
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
      if ('path' in last) yield* listFolder(walk, last);
      else yield [last];
    }
  }

  const read = await namesOf(walk, folder);
  if ('code' in read) return yield [faulty(prefix, read)];
  const { names, invalid } = read;
  let kinds: Awaited<ReturnType<typeof kindsOf>> | undefined;
  let isFirst = true;
  let hasVanished = false;
  // Taken away one by one: of a million names, those that are done with are not kept.
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    const key = prefix + name;
    if (!key.startsWith(wanted) && !wanted.startsWith(`${key}/`)) continue;
    if (key === PARTIAL) continue;
    const file = `${path}/${name}`;
    const bytes = invalid?.get(name);
    const found = bytes ? undefined : lookAt(file);
    let entry: ListedObject | undefined;
    let below: Folder | ListedObject | undefined;
    if (bytes || found instanceof Error) {
      // Without the permission to search a folder, nothing in it can be looked at.
      if (isFirst && errno(found) === 'EACCES') {
        ensurePartial(walk, folder, found);
        return yield [faulty(prefix, unreadable(found))];
      }
      if (!bytes) kinds ??= await kindsOf(path);
      const kind = bytes ? kindOfBytes(path, bytes) : kinds?.(name);
      const fault = bytes ? NOT_UTF8 : unreadable(found);
      // Where it is not known which of the two it is, it is both: what was known below it is not gone.
      if (kind === 'file' || kind === 'unknown') entry = faulty(key, fault);
      if (kind === 'folder' || kind === 'unknown') below = faulty(`${key}/`, fault);
    } else if (found === undefined) hasVanished = true;
    else if (found.isFile()) entry = new ListedFile(key, versionOf(found), Number(found.mtimeMs));
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
  if (hasVanished) checkVanished(walk, folder);
}

/** @returns why the names in a folder cannot be read; none when it went while the listing was on its way to it */
async function namesOf(walk: Walk, folder: Folder): Promise<FolderNames | ListingFault> {
  try {
    return await readNames(folder.path);
  } catch (error) {
    if (folder.prefix !== '' && isNotThere(error)) {
      walk.hasVanished = true;
      return { names: [], invalid: undefined };
    }
    ensurePartial(walk, folder, error);
    return unreadable(error);
  }
}

/** An error of a folder is the listing's where all that is wanted lies in it. */
function ensurePartial({ bucket, wanted }: Walk, { prefix }: Folder, error: unknown): void {
  if (concernsAll(error) || wanted.startsWith(prefix)) throw asStoreError(error, bucket, prefix, 'list');
}

/** Names that lead nowhere are objects that were removed; unless it is the disk that was. */
function checkVanished(walk: Walk, { path, prefix, device }: Folder): void {
  walk.hasVanished = true;
  const stats = lookAt(path);
  if (stats instanceof Error) throw asStoreError(stats, walk.bucket, prefix, 'list');
  // The bucket's folder itself may be a link; the whole listing checks it.
  if (prefix !== '' && stats && stats.dev !== device) throw replaced(walk.bucket, prefix);
}

const replaced = ({ name }: BucketFolder, prefix: string): StoreError =>
  new StoreError('unavailable', `the folder ${name}/${prefix} was replaced while it was listed`);
