import fs from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { asStoreError, isNotThere, systemReason } from './directory/errors.ts';
import { versionOf } from './directory/file-etag.ts';
import { listBucket } from './directory/listing/listing.ts';
import { lookUp } from './directory/lookup.ts';
import { holdFolders } from './directory/open-folders.ts';
import { canLink, sweepPartials } from './directory/partials.ts';
import { type BucketFolder, bucketFolder } from './directory/path.ts';
import { openFile, readFile, readListed } from './directory/reading.ts';
import { streamFile } from './directory/stream.ts';
import { copyContent, type FillFile, removeFile, replace, writeContent } from './directory/writing.ts';
import { isObjectFault, type ObjectStore, type ReadObject, StoreError } from './object-store.ts';

/** How many files are read before other work gets its turn: about 3 ms. */
const FILES_PER_TURN = 512;

/**
 * An object store in a directory: one folder a bucket, objects are plain files at their keys. Files are read
 * synchronously, which costs a fifth of what the thread pool costs, with a turn for others in between.
 *
 * A symbolic link to a file is followed as long as it stays below the bucket's folder. Links to folders are not
 * followed: they could lead in a circle.
 *
 * @param root holds a folder for each bucket
 */
export function directoryStore(root: string): ObjectStore {
  const folders = new Map<string, BucketFolder>();
  let reads = 0;
  /** Where `readEach` reads each object: what it lends is used before anything else happens. */
  let buffer = Buffer.alloc(0);

  function folderOf(bucket: string): BucketFolder {
    const known = folders.get(bucket);
    if (known) return known;
    const folder = bucketFolder(root, bucket);
    folders.set(bucket, folder);
    return folder;
  }

  return {
    async *list(bucket, prefix = '') {
      yield* listBucket(folderOf(bucket), prefix);
    },

    async head(bucket, key) {
      const folder = folderOf(bucket);
      try {
        const stats = lookUp(folder, key);
        return stats && versionOf(stats);
      } catch (error) {
        const failure = asStoreError(error, folder, key, 'read');
        // What can't be a file's name names no object.
        if (failure.code === 'not_found' || failure.code === 'invalid_key') return undefined;
        throw failure;
      }
    },

    async read(bucket, key, maxBytes) {
      if (++reads % FILES_PER_TURN === 0) await nextTurn();
      const folder = folderOf(bucket);
      return translated(folder, key, () => readFile(folder, key, maxBytes));
    },

    async readEach(bucket, objects, { maxBytes }, onRead) {
      const folder = folderOf(bucket);
      if (buffer.length < maxBytes) buffer = Buffer.allocUnsafe(maxBytes);
      const into = buffer.subarray(0, maxBytes);
      const folders = holdFolders(folder);
      try {
        for (const listed of objects) {
          // Counted over all calls: many short ones in a row would never give anybody a turn.
          if (++reads % FILES_PER_TURN === 0) await nextTurn();
          let read: ReadObject | StoreError;
          try {
            read = readListed(folder, listed, into, folders);
          } catch (error) {
            read = asStoreError(error, folder, listed.key, 'read');
            if (!isObjectFault(read)) throw read;
          }
          onRead(listed.key, read);
        }
      } finally {
        folders.close();
      }
    },

    async open(bucket, key) {
      const folder = folderOf(bucket);
      const file = translated(folder, key, () => openFile(folder, key));
      const body = streamFile(file, `${bucket}/${key}`, (error) => asStoreError(error, folder, key, 'read'));
      return { ...versionOf(file.stats), body };
    },

    async put(bucket, key, content, condition) {
      const name = `${bucket}/${key}`;
      const write: FillFile = (file, path) => writeContent(file, path, content, name);
      return replace(folderOf(bucket), key, write, condition);
    },

    // That an object has an ETag is checked within this process only: a lock keeps other processes out.
    async honorsConditions(bucket) {
      const folder = folderOf(bucket);
      try {
        return canLink(folder);
      } catch (error) {
        throw asStoreError(error, folder, '', 'write');
      }
    },

    async copy(bucket, from, to) {
      const folder = folderOf(bucket);
      const source = translated(folder, from, () => openFile(folder, from));
      try {
        return await replace(folder, to, (file, partial) => copyContent(source, file, partial));
      } finally {
        fs.closeSync(source.descriptor);
      }
    },

    async remove(bucket, key) {
      const folder = folderOf(bucket);
      try {
        await removeFile(folder, key);
      } catch (error) {
        throw asStoreError(error, folder, isNotThere(error) ? '' : key, 'write');
      }
    },

    async createBucket(bucket) {
      const folder = folderOf(bucket);
      try {
        fs.mkdirSync(folder.path, { recursive: true });
      } catch (error) {
        // A link that leads nowhere, or a file, is in the way of the folder.
        if (isNotThere(error))
          throw new StoreError('unavailable', `${bucket}/: ${systemReason(error)}`, { cause: error });
        throw asStoreError(error, folder, '', 'write');
      }
      sweepPartials(folder);
    },
  };
}

/** Does `work` with an object, and makes an error of it one of this port. */
function translated<T>(bucket: BucketFolder, key: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asStoreError(error, bucket, key, 'read');
  }
}
