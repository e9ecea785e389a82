import fs from 'node:fs';
import { setImmediate as nextTick } from 'node:timers/promises';
import { asStoreError, isMissing, systemReason } from './directory/errors.ts';
import { versionOf } from './directory/file-etag.ts';
import { listBucket } from './directory/listing/listing.ts';
import { statObject } from './directory/lookup.ts';
import { openFolders } from './directory/open-folders.ts';
import { canLink, sweepPartials } from './directory/partials.ts';
import { type BucketFolder, bucketFolder } from './directory/path.ts';
import { openFile, readFile, readListed } from './directory/reading.ts';
import { streamFile } from './directory/stream.ts';
import { copyContent, removeFile, replace, type WriteFile, writeContent } from './directory/writing.ts';
import {
  isObjectFault,
  type ObjectStore,
  otherVersion,
  type ReadObject,
  StoreError,
} from './object-store.ts';

/** Small files read per event-loop tick: about 3 ms. */
const FILES_PER_TICK = 512;
/** Bytes that take as long to read as it takes to open a file. */
const BYTES_PER_FILE = 16_384;

/**
 * An object store in a directory: a bucket is a folder, an object is a file whose path is the key. Files are read
 * synchronously, which costs a fifth of the thread pool's time, and the event loop runs in between.
 *
 * A symbolic link to a file is followed if its target is below the bucket's folder. Links to folders are not
 * followed, since they can form cycles.
 *
 * @param root the folder that contains the buckets
 * @param elsewhere folders of buckets that are not in `root`, by the names of the buckets
 */
export function directoryStore(
  root: string,
  elsewhere: ReadonlyMap<string, string> = new Map(),
): ObjectStore {
  const folders = new Map<string, BucketFolder>();
  /** What was read in this tick, in small files. Counted over all calls, so that many short calls in a row also yield. */
  let readInTick = 0;
  /** `readEach` reads every object into this buffer; its caller uses the bytes synchronously. */
  let buffer = Buffer.alloc(0);

  function folderFor(bucket: string): BucketFolder {
    const known = folders.get(bucket);
    if (known) return known;
    const folder = bucketFolder(root, bucket, elsewhere.get(bucket));
    folders.set(bucket, folder);
    return folder;
  }

  function countRead(bytes: number): void {
    readInTick += 1 + bytes / BYTES_PER_FILE;
  }

  /** Lets the event loop run; called when enough was read in this tick. */
  async function yieldToOthers(): Promise<void> {
    readInTick = 0;
    await nextTick();
  }

  return {
    async *list(bucket, prefix = '') {
      yield* listBucket(folderFor(bucket), prefix);
    },

    async head(bucket, key) {
      const folder = folderFor(bucket);
      try {
        const stats = statObject(folder, key);
        return stats && { ...versionOf(stats), modified: Number(stats.mtimeMs) };
      } catch (error) {
        const failure = asStoreError(error, folder, key, 'read');
        // A key that cannot be a file name is not an object.
        if (failure.code === 'not_found' || failure.code === 'invalid_key') return undefined;
        throw failure;
      }
    },

    async read(bucket, key, maxBytes) {
      if (readInTick >= FILES_PER_TICK) await yieldToOthers();
      const folder = folderFor(bucket);
      const object = translateErrors(folder, key, () => readFile(folder, key, maxBytes));
      countRead(object.bytes.length);
      return object;
    },

    async readEach(bucket, objects, { maxBytes }, onRead) {
      const folder = folderFor(bucket);
      if (buffer.length < maxBytes) buffer = Buffer.allocUnsafe(maxBytes);
      const into = buffer.subarray(0, maxBytes);
      const folders = openFolders(folder);
      try {
        for (const listed of objects) {
          if (readInTick >= FILES_PER_TICK) await yieldToOthers();
          let read: ReadObject | StoreError;
          try {
            read = readListed(folder, listed, into, folders);
            countRead(read.bytes.length);
          } catch (error) {
            countRead(0);
            read = asStoreError(error, folder, listed.key, 'read');
            if (!isObjectFault(read)) throw read;
          }
          onRead(listed.key, read);
        }
      } finally {
        folders.close();
      }
    },

    async open(bucket, key, range) {
      const folder = folderFor(bucket);
      const name = `${bucket}/${key}`;
      const file = translateErrors(folder, key, () => openFile(folder, key));
      const version = versionOf(file.stats);
      if (range && range.etag !== version.etag) {
        fs.closeSync(file.descriptor);
        throw otherVersion(name);
      }
      const asError = (error: unknown) => asStoreError(error, folder, key, 'read');
      return { ...version, body: streamFile(file, name, asError, range) };
    },

    async put(bucket, key, content, condition) {
      const name = `${bucket}/${key}`;
      const write: WriteFile = (file, path) => writeContent(file, path, content, name);
      return replace(folderFor(bucket), key, write, condition);
    },

    // An ETag condition is checked within this process only. A lock file excludes other processes.
    async supportsConditions(bucket) {
      const folder = folderFor(bucket);
      try {
        return canLink(folder);
      } catch (error) {
        throw asStoreError(error, folder, '', 'write');
      }
    },

    async copy(bucket, from, to) {
      const folder = folderFor(bucket);
      const source = translateErrors(folder, from, () => openFile(folder, from));
      try {
        return await replace(folder, to, (file, partial) => copyContent(source, file, partial));
      } finally {
        fs.closeSync(source.descriptor);
      }
    },

    async remove(bucket, key) {
      const folder = folderFor(bucket);
      try {
        await removeFile(folder, key);
      } catch (error) {
        throw asStoreError(error, folder, isMissing(error) ? '' : key, 'write');
      }
    },

    async createBucket(bucket) {
      const folder = folderFor(bucket);
      try {
        fs.mkdirSync(folder.path, { recursive: true });
      } catch (error) {
        // A dangling link or a file has the name of the folder.
        if (isMissing(error))
          throw new StoreError('unavailable', `${bucket}/: ${systemReason(error)}`, { cause: error });
        throw asStoreError(error, folder, '', 'write');
      }
      sweepPartials(folder);
    },
  };
}

/** Runs `work` and translates its errors to `StoreError`. */
function translateErrors<T>(bucket: BucketFolder, key: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asStoreError(error, bucket, key, 'read');
  }
}
