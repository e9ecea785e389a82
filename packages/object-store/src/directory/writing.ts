import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type ObjectContent, type ObjectVersion, type PutCondition, StoreError } from '../object-store.ts';
import { inOpenFolder, pathToOpen } from './bounds.ts';
import { asStoreError, errno, isNotThere, systemReason } from './errors.ts';
import { versionOf } from './file-etag.ts';
import { lookUp, makeFoldersOf, openFolderOf } from './lookup.ts';
import { dropPartial, linkInPlace, partialFile } from './partials.ts';
import { type BucketFolder, fileOf } from './path.ts';
import { isSameContent, type OpenFile } from './reading.ts';

type FileHandle = fs.promises.FileHandle;

/** Fills a new file, which is open and lies at `path`. */
export type FillFile = (file: FileHandle, path: string) => Promise<void>;

/**
 * Writes beside the bucket's objects, then puts the file in place in one step: readers find the old file or the new one,
 * whole. What fails leaves nothing behind.
 *
 * @throws StoreError
 */
export async function replace(
  bucket: BucketFolder,
  key: string,
  write: FillFile,
  condition?: PutCondition,
): Promise<ObjectVersion> {
  const wanted = fileOf(bucket, key);
  const handles: FileHandle[] = [];
  let partial: string | undefined;
  try {
    partial = partialFile(bucket);
    const file = await fs.promises.open(partial, 'wx');
    handles.push(file);
    await write(file, partial);
    // In another thread: a large file takes the disk some tenths of a second.
    await file.sync();
    const made = makeFoldersOf(bucket, key);
    const folder = await openFolderOf(bucket, key);
    handles.push(folder);
    const target = inOpenFolder(folder.fd, path.dirname(wanted), path.basename(key));
    place(bucket, key, partial, target, condition);
    const version = versionOf(fs.fstatSync(file.fd, { bigint: true }));
    await folder.sync();
    for (const each of made) await syncFolder(path.dirname(each));
    return version;
  } catch (error) {
    if (partial !== undefined) dropPartial(partial);
    throw asStoreError(error, bucket, key, 'write');
  } finally {
    // What was written is on the disk already, or given up.
    for (const handle of handles) await handle.close().catch(() => undefined);
  }
}

/** Fills the file of an object. */
export async function writeContent(
  file: FileHandle,
  path: string,
  content: ObjectContent,
  name: string,
): Promise<void> {
  if (content instanceof Uint8Array) return file.writeFile(content);
  const source = content.open();
  // The file is there: a stream that is still opening it when the source fails makes none.
  const sink = fs.createWriteStream(path, { flags: 'r+' });
  let sourceError: unknown;
  source.once('error', (error) => {
    if (!sink.errored) sourceError = error;
  });
  try {
    await pipeline(source, sink);
  } catch (error) {
    if (sourceError === undefined || error instanceof StoreError) throw error;
    // Its code says nothing about the object's own file.
    const message = `what was to be put into ${name} could not be read: ${systemReason(sourceError)}`;
    throw new StoreError('unavailable', message, { cause: sourceError });
  }
  const { size } = await file.stat();
  if (size !== content.size) throw new Error(`the stream had ${size} bytes instead of ${content.size}`);
}

/**
 * Fills the file of an object with the bytes of an open file.
 *
 * @throws StoreError unreadable when the open file was written to meanwhile; and what the file system throws
 */
export async function copyContent(source: OpenFile, file: FileHandle, to: string): Promise<void> {
  const from = pathToOpen(source.descriptor);
  // By the system, which may share the blocks.
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
 * Removes the file of an object, or the link that stands for it.
 *
 * @throws StoreError outside_bucket; and what the file system throws
 */
export async function removeFile(bucket: BucketFolder, key: string): Promise<void> {
  const file = fileOf(bucket, key);
  try {
    if (!key.includes('/')) return unlink(file);
    const folder = await openFolderOf(bucket, key);
    try {
      unlink(inOpenFolder(folder.fd, path.dirname(file), path.basename(key)));
    } finally {
      await folder.close();
    }
  } catch (error) {
    // What is not there is no error, as long as the bucket is.
    if (!isNotThere(error) || !fs.statSync(bucket.path).isDirectory()) throw error;
  }
}

/** Moves a finished file to its place. Nothing else runs in this process between the check and the move. */
function place(
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
  const stats = lookUpWritten(bucket, key);
  const etag = stats && versionOf(stats).etag;
  if ('absent' in condition ? etag === undefined : etag === condition.etag) return;
  throw new StoreError('precondition_failed', `${bucket.name}/${key} was written by another process`);
}

function lookUpWritten(bucket: BucketFolder, key: string): fs.BigIntStats | undefined {
  try {
    return lookUp(bucket, key);
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

/** A folder of that name is no object: there is nothing to remove. */
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
