import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { listFolder } from './directory-listing.ts';
import { asStoreError, bucketFolder, fileIn, fileOf, PARTIAL } from './directory-path.ts';
import { openFile, readFile, readListed } from './directory-reading.ts';
import { versionOf } from './file-version.ts';
import {
  isObjectFault,
  type ObjectContent,
  type ObjectStore,
  type ObjectVersion,
  type PutCondition,
  type ReadObject,
  StoreError,
} from './object-store.ts';

/** How many files are read before other work gets its turn: about 3 ms. */
const FILES_PER_TURN = 512;
/** A partial file that old belongs to a process that died. */
const PARTIAL_MAX_AGE_MS = 86_400_000;

/**
 * An object store in a directory: one folder a bucket, objects are plain files at their keys. Files are read
 * synchronously, which costs a fifth of what the thread pool costs (PERFORMANCE C), with a turn for others
 * in between.
 *
 * Symbolic links to files are followed, links to folders are not: they could lead in a circle.
 *
 * @param root holds a folder for each bucket
 */
export function directoryStore(root: string): ObjectStore {
  let reads = 0;
  /** Where `readEach` reads each object: what it lends is used before anything else happens. */
  let buffer = Buffer.alloc(0);

  /** Writes beside the bucket's objects, then renames: readers find the old file or the new one, whole. */
  async function replace(
    bucket: string,
    key: string,
    write: (partial: string) => Promise<void>,
    condition?: PutCondition,
  ): Promise<ObjectVersion> {
    const file = fileOf(root, bucket, key);
    const folder = bucketFolder(root, bucket);
    const partial = path.join(folder, PARTIAL, randomUUID());
    try {
      if (!fs.existsSync(path.join(folder, PARTIAL))) {
        // Not recursive: a bucket that is not there is an error, not a new bucket.
        fs.mkdirSync(path.join(folder, PARTIAL));
      }
      await write(partial);
      await flush(partial);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      ensureHolds(condition, file, `${bucket}/${key}`);
      fs.renameSync(partial, file);
      await flush(path.dirname(file));
      return versionOf(fs.statSync(file, { bigint: true }));
    } catch (error) {
      fs.rmSync(partial, { force: true });
      throw asStoreError(error, root, bucket, key);
    }
  }

  return {
    async *list(bucket, prefix = '') {
      const folder = bucketFolder(root, bucket);
      try {
        yield* listFolder(folder, '', prefix);
      } catch (error) {
        throw asStoreError(error, root, bucket);
      }
    },

    async head(bucket, key) {
      try {
        const stats = fs.statSync(fileOf(root, bucket, key), { bigint: true });
        return stats.isFile() ? versionOf(stats) : undefined;
      } catch (error) {
        const failure = asStoreError(error, root, bucket, key);
        // What can't be a file's name names no object.
        if (failure.code === 'not_found' || failure.code === 'invalid_key') return undefined;
        throw failure;
      }
    },

    async read(bucket, key, maxBytes) {
      if (++reads % FILES_PER_TURN === 0) await nextTurn();
      return translated(root, bucket, key, () => readFile(fileOf(root, bucket, key), maxBytes));
    },

    async readEach(bucket, objects, { maxBytes }, onRead) {
      const folder = bucketFolder(root, bucket);
      if (buffer.length < maxBytes) buffer = Buffer.allocUnsafe(maxBytes);
      const into = buffer.subarray(0, maxBytes);
      for (const { key, size, etag } of objects) {
        // Counted over all calls: many short ones in a row would never give anybody a turn.
        if (++reads % FILES_PER_TURN === 0) await nextTurn();
        let read: ReadObject | StoreError;
        try {
          // As of the listing: to ask again costs a fifth of all.
          read = { size, etag, bytes: readListed(fileIn(folder, key), into) };
        } catch (error) {
          read = asStoreError(error, root, bucket, key);
          if (!isObjectFault(read)) throw read;
          // A folder took the place of the file.
          if (read.code === 'invalid_key') read = new StoreError('not_found', read.message, { cause: error });
        }
        onRead(key, read);
      }
    },

    async open(bucket, key) {
      const { descriptor, version } = translated(root, bucket, key, () =>
        openFile(fileOf(root, bucket, key)),
      );
      // No further than the size that was announced, should somebody append to it meanwhile.
      const body =
        version.size === 0
          ? fs.createReadStream('', { fd: descriptor })
          : fs.createReadStream('', { fd: descriptor, start: 0, end: version.size - 1 });
      return { ...version, body };
    },

    put: (bucket, key, content, condition) =>
      replace(bucket, key, (partial) => writeContent(partial, content), condition),

    // Between the check and the rename nothing else runs in this process; a lock keeps other processes out.
    honorsConditions: async () => true,

    async copy(bucket, from, to) {
      const source = fileOf(root, bucket, from);
      return replace(bucket, to, async (partial) => {
        await fs.promises.copyFile(source, partial, fs.constants.COPYFILE_FICLONE);
      });
    },

    async remove(bucket, key) {
      const file = fileOf(root, bucket, key);
      try {
        fs.statSync(bucketFolder(root, bucket));
        fs.rmSync(file, { force: true });
      } catch (error) {
        throw asStoreError(error, root, bucket, key);
      }
    },

    async createBucket(bucket) {
      const folder = bucketFolder(root, bucket);
      try {
        fs.mkdirSync(folder, { recursive: true });
        sweepPartials(path.join(folder, PARTIAL));
      } catch (error) {
        throw asStoreError(error, root, bucket);
      }
    },
  };
}

/** @throws StoreError precondition_failed */
function ensureHolds(condition: PutCondition | undefined, file: string, name: string): void {
  if (condition === undefined) return;
  const stats = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
  const etag = stats && versionOf(stats).etag;
  if ('absent' in condition ? etag === undefined : etag === condition.etag) return;
  throw new StoreError('precondition_failed', `${name} was written by somebody else`);
}

/** Does `work` with an object, and makes an error of it one of this port. */
function translated<T>(root: string, bucket: string, key: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asStoreError(error, root, bucket, key);
  }
}

async function writeContent(file: string, content: ObjectContent): Promise<void> {
  if (content instanceof Uint8Array) {
    await fs.promises.writeFile(file, content);
    return;
  }
  await pipeline(content.open(), fs.createWriteStream(file));
  const written = fs.statSync(file).size;
  if (written !== content.size) throw new Error(`the stream had ${written} bytes instead of ${content.size}`);
}

/** In another thread: a large file takes the disk some tenths of a second. */
async function flush(fileOrFolder: string): Promise<void> {
  const handle = await fs.promises.open(fileOrFolder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function sweepPartials(folder: string): void {
  if (!fs.existsSync(folder)) return;
  for (const name of fs.readdirSync(folder)) {
    const stats = fs.statSync(path.join(folder, name), { throwIfNoEntry: false });
    if (stats && Date.now() - stats.mtimeMs > PARTIAL_MAX_AGE_MS) {
      fs.rmSync(path.join(folder, name), { force: true });
    }
  }
}
