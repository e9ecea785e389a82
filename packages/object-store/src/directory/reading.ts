import fs from 'node:fs';
import { type ReadObject, StoreError, type VersionedKey } from '../object-store.ts';
import { ensureInside, followLink } from './bounds.ts';
import { errno, isMissing, notFound } from './errors.ts';
import { versionOf } from './file-etag.ts';
import type { OpenFolders } from './open-folders.ts';
import { type BucketFolder, filePathOf } from './path.ts';

/** O_NONBLOCK: opening a pipe must not block. O_NOFOLLOW: links are resolved and checked explicitly. */
const FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW;
/** Maximum number of reads of a file that changes while it is read. */
const MAX_READS = 3;
const [LINE_FEED, CARRIAGE_RETURN] = [10, 13];

/** An open file: the caller closes `descriptor`. */
export interface OpenFile {
  descriptor: number;
  stats: fs.BigIntStats;
}

/** @throws StoreError not_found when it is not a file, outside_bucket; file system errors */
export function openFile(bucket: BucketFolder, key: string): OpenFile {
  const descriptor = openObject(bucket, key);
  try {
    // Read the version before the bytes. A file that is written meanwhile then has another version in the next listing.
    return { descriptor, stats: fileStats(bucket, key, descriptor) };
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

/**
 * Reads the first `maxBytes` bytes of a file.
 *
 * @throws like `openFile`
 */
export function readFile(bucket: BucketFolder, key: string, maxBytes: number): ReadObject {
  const { descriptor, stats } = openFile(bucket, key);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(maxBytes, Number(stats.size)));
    return readStable(bucket, key, { descriptor, stats }, buffer, maxBytes);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Reads the first bytes of a listed file. It saves the `fstat` call when the file has the listed size.
 *
 * @param into buffer for the bytes
 * @throws like `openFile`; EISDIR when it has become a folder
 */
export function readListed(
  bucket: BucketFolder,
  { key, size, etag }: VersionedKey,
  into: Buffer,
  folders: OpenFolders,
): ReadObject {
  const descriptor = openObject(bucket, key, folders);
  try {
    const length = fs.readSync(descriptor, into, 0, into.length, 0);
    if (length !== Math.min(size, into.length)) {
      const stats = fileStats(bucket, key, descriptor);
      return readStable(bucket, key, { descriptor, stats }, into, into.length);
    }
    const bytes = into.subarray(0, length);
    if (size > into.length || endsLine(bytes)) return { size, etag, bytes };
    return { size, etag, bytes, modified: Number(fileStats(bucket, key, descriptor).mtimeMs) };
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Whether a file was not written between two `stat` calls. */
export const isSameContent = (a: fs.BigIntStats, b: fs.BigIntStats): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs;

/** Reads the file until its stats are the same before and after, up to `maxBytes` bytes. */
function readStable(
  bucket: BucketFolder,
  key: string,
  { descriptor, stats }: OpenFile,
  into: Buffer,
  maxBytes: number,
): ReadObject {
  let buffer = into;
  let before = stats;
  for (let i = 0; i < MAX_READS; i++) {
    const version = versionOf(before);
    const length = Math.min(maxBytes, version.size);
    if (buffer.length < length) buffer = Buffer.allocUnsafe(length);
    const read = fs.readSync(descriptor, buffer, 0, length, 0);
    const after = fileStats(bucket, key, descriptor);
    if (read === length && isSameContent(before, after)) {
      const bytes = buffer.subarray(0, length);
      if (version.size > maxBytes || endsLine(bytes)) return { ...version, bytes };
      return { ...version, bytes, modified: Number(before.mtimeMs) };
    }
    before = after;
  }
  throw new StoreError('unreadable', `${bucket.name}/${key} changes while it is read, or its size is wrong`);
}

/** @returns an open descriptor; its file is below the bucket's folder */
function openObject(bucket: BucketFolder, key: string, folders?: OpenFolders): number {
  const file = filePathOf(bucket, key);
  const slash = key.lastIndexOf('/');
  const folder = slash === -1 ? undefined : folders?.pathInto(key.slice(0, slash));
  let descriptor: number;
  try {
    descriptor = fs.openSync(folder === undefined ? file : folder + key.slice(slash), FLAGS);
  } catch (error) {
    if (errno(error) !== 'ELOOP') throw error;
    return openLink(bucket, key, file);
  }
  // The last segment is not a link (O_NOFOLLOW). The others may be.
  if (slash !== -1 && folder === undefined) ensureOpenInside(bucket, descriptor, file, key);
  return descriptor;
}

function openLink(bucket: BucketFolder, key: string, link: string): number {
  const target = followLink(bucket, link);
  if (target.kind === 'nowhere') throw notFound(bucket, key);
  if (target.kind === 'fault') {
    // Same text as in a listing. Otherwise the reject would change with every way of reading and be published again.
    throw new StoreError(target.fault.code, target.fault.detail);
  }
  const descriptor = openTarget(bucket, key, target.path);
  ensureOpenInside(bucket, descriptor, target.path, key);
  return descriptor;
}

function openTarget(bucket: BucketFolder, key: string, file: string): number {
  try {
    return fs.openSync(file, FLAGS);
  } catch (error) {
    // The target was removed or replaced after the check.
    if (isMissing(error)) throw notFound(bucket, key, error);
    throw error;
  }
}

function ensureOpenInside(bucket: BucketFolder, descriptor: number, file: string, key: string): void {
  try {
    ensureInside(bucket, descriptor, file, key);
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

function fileStats(bucket: BucketFolder, key: string, descriptor: number): fs.BigIntStats {
  const stats = fs.fstatSync(descriptor, { bigint: true });
  if (stats.isFile()) return stats;
  throw new StoreError('not_found', `${bucket.name}/${key} is not a file`);
}

/** A file that is empty or has no final line end may be incomplete. */
function endsLine(bytes: Uint8Array): boolean {
  const last = bytes[bytes.length - 1];
  return last === LINE_FEED || last === CARRIAGE_RETURN;
}
