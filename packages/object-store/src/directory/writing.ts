import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type ObjectContent, type ObjectVersion, type PutCondition, StoreError } from '../object-store.ts';
import { inOpenFolder, pathToOpen } from './bounds.ts';
import { asStoreError, errno, isMissing, systemReason } from './errors.ts';
import { versionOf } from './file-etag.ts';
import { makeParentFolders, openParentFolder, statObject } from './lookup.ts';
import { dropPartial, linkInPlace, partialFile } from './partials.ts';
import { type BucketFolder, filePathOf } from './path.ts';
import { isSameContent, type OpenFile } from './reading.ts';

type FileHandle = fs.promises.FileHandle;

/** Writes the content of a new file, which is open, at `path`. */
export type WriteFile = (file: FileHandle, path: string) => Promise<void>;

/**
 * Writes a partial file and moves it into place atomically: readers get the old or the new content. A failure leaves
 * nothing behind.
 *
 * @throws StoreError
 */
export async function replace(
  bucket: BucketFolder,
  key: string,
  write: WriteFile,
  condition?: PutCondition,
): Promise<ObjectVersion> {
  const wanted = filePathOf(bucket, key);
  const handles: FileHandle[] = [];
  let partial: string | undefined;
  try {
    partial = partialFile(bucket);
    const file = await fs.promises.open(partial, 'wx');
    handles.push(file);
    await write(file, partial);
    // Asynchronous, since syncing a large file takes some tenths of a second.
    await file.sync();
    const made = makeParentFolders(bucket, key);
    const folder = await openParentFolder(bucket, key);
    handles.push(folder);
    const target = inOpenFolder(folder.fd, path.dirname(wanted), path.basename(key));
    moveIntoPlace(bucket, key, partial, target, condition);
    const version = versionOf(fs.fstatSync(file.fd, { bigint: true }));
    await folder.sync();
    for (const each of made) await syncFolder(path.dirname(each));
    return version;
  } catch (error) {
    if (partial !== undefined) dropPartial(partial);
    throw asStoreError(error, bucket, key, 'write');
  } finally {
    // The content is synced already, or the write failed.
    for (const handle of handles) await handle.close().catch(() => undefined);
  }
}

/** Writes the content of an object to its file. */
export async function writeContent(
  file: FileHandle,
  path: string,
  content: ObjectContent,
  name: string,
): Promise<void> {
  if (content instanceof Uint8Array) return file.writeFile(content);
  const source = content.open();
  // `r+`: a stream that opens the file after the source failed must not create it.
  const sink = fs.createWriteStream(path, { flags: 'r+' });
  let sourceError: unknown;
  source.once('error', (error) => {
    if (!sink.errored) sourceError = error;
  });
  try {
    await pipeline(source, sink);
  } catch (error) {
    if (sourceError === undefined || error instanceof StoreError) throw error;
    // The error is one of the source, not of the object's file.
    const message = `what was to be put into ${name} could not be read: ${systemReason(sourceError)}`;
    throw new StoreError('unavailable', message, { cause: sourceError });
  }
  const { size } = await file.stat();
  if (size !== content.size) throw new Error(`the stream had ${size} bytes instead of ${content.size}`);
}

/**
 * Copies an open file to the file of an object.
 *
 * @throws StoreError unreadable when the source was written meanwhile; file system errors
 */
export async function copyContent(source: OpenFile, file: FileHandle, to: string): Promise<void> {
  const from = pathToOpen(source.descriptor);
  // The file system may share the blocks.
  if (from !== undefined) await fs.promises.copyFile(from, to, fs.constants.COPYFILE_FICLONE);
  else {
    const bytes = fs.createReadStream('', { fd: source.descriptor, autoClose: false, start: 0 });
    await pipeline(bytes, fs.createWriteStream(to, { flags: 'r+' }));
  }
  const now = fs.fstatSync(source.descriptor, { bigint: true });
  const { size } = await file.stat({ bigint: true });
  if (size === source.stats.size && isSameContent(source.stats, now)) return;
  throw new StoreError('unreadable', 'the object was written to while it was copied');
}

/**
 * Removes the file of an object, or its link.
 *
 * @throws StoreError outside_bucket; file system errors
 */
export async function removeFile(bucket: BucketFolder, key: string): Promise<void> {
  const file = filePathOf(bucket, key);
  try {
    if (!key.includes('/')) return unlink(file);
    const folder = await openParentFolder(bucket, key);
    try {
      unlink(inOpenFolder(folder.fd, path.dirname(file), path.basename(key)));
    } finally {
      await folder.close();
    }
  } catch (error) {
    // A missing object is not an error, a missing bucket is.
    if (!isMissing(error) || !fs.statSync(bucket.path).isDirectory()) throw error;
  }
}

/** Moves a finished file into place. Synchronous, so that nothing runs in this process between check and move. */
function moveIntoPlace(
  bucket: BucketFolder,
  key: string,
  partial: string,
  target: string,
  condition: PutCondition | undefined,
): void {
  if (condition && 'absent' in condition) {
    try {
      if (linkInPlace(partial, target)) return;
    } catch (error) {
      if (errno(error) !== 'EEXIST') throw error;
    }
  }
  if (condition) ensureHolds(bucket, key, condition);
  fs.renameSync(partial, target);
}

/** @throws StoreError precondition_failed */
function ensureHolds(bucket: BucketFolder, key: string, condition: PutCondition): void {
  const stats = statWritten(bucket, key);
  const etag = stats && versionOf(stats).etag;
  if ('absent' in condition ? etag === undefined : etag === condition.etag) return;
  throw new StoreError('precondition_failed', `${bucket.name}/${key} was written by another process`);
}

function statWritten(bucket: BucketFolder, key: string): fs.BigIntStats | undefined {
  try {
    return statObject(bucket, key);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Removes a file. A folder with that name is not an object and is left. */
function unlink(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch (error) {
    const isFolder =
      errno(error) === 'EISDIR' || (errno(error) === 'EPERM' && fs.lstatSync(file).isDirectory());
    if (!isFolder) throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.promises.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
