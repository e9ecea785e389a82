import fs from 'node:fs';
import { type ReadObject, StoreError, type VersionedKey } from '../object-store.ts';
import { ensureInside, followLink } from './bounds.ts';
import { errno, isNotThere, notFound } from './errors.ts';
import { versionOf } from './file-etag.ts';
import type { HeldFolders } from './open-folders.ts';
import { type BucketFolder, fileOf } from './path.ts';

/** Without O_NONBLOCK a pipe would never open; without O_NOFOLLOW a link would be followed unseen. */
const FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOFOLLOW;
/** How often a file that changes while it is read is read again. */
const MAX_READS = 3;
const [LINE_FEED, CARRIAGE_RETURN] = [10, 13];

/** An open file: the caller closes `descriptor`. */
export interface OpenFile {
  descriptor: number;
  stats: fs.BigIntStats;
}

/** @throws StoreError not_found for what is no file, outside_bucket; and what the file system throws */
export function openFile(bucket: BucketFolder, key: string): OpenFile {
  const descriptor = openObject(bucket, key);
  try {
    // The version before the bytes: a file that is written meanwhile then has another one at the next look.
    return { descriptor, stats: fileStats(bucket, key, descriptor) };
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

/**
 * The first `maxBytes` bytes of a file.
 *
 * @throws as `openFile`
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
 * The first bytes of something that was listed as a file, for those who read many one after the other: while the file
 * is as long as it was listed, it is not looked at once more.
 *
 * @param into holds them
 * @throws as `openFile`; EISDIR for what has become a folder
 */
export function readListed(
  bucket: BucketFolder,
  { key, size, etag }: VersionedKey,
  into: Buffer,
  folders: HeldFolders,
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

/** Whether what was read may have been written to between two looks at it. */
export const isSameContent = (a: fs.BigIntStats, b: fs.BigIntStats): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs;

/** Reads until nobody wrote meanwhile: as many bytes as the file says it has, up to `maxBytes`. */
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

/** @returns a descriptor of what the key names, which lies below the bucket's folder */
function openObject(bucket: BucketFolder, key: string, folders?: HeldFolders): number {
  const file = fileOf(bucket, key);
  const slash = key.lastIndexOf('/');
  const folder = slash === -1 ? undefined : folders?.pathInto(key.slice(0, slash));
  let descriptor: number;
  try {
    descriptor = fs.openSync(folder === undefined ? file : folder + key.slice(slash), FLAGS);
  } catch (error) {
    if (errno(error) !== 'ELOOP') throw error;
    return openLink(bucket, key, file);
  }
  // The last segment is no link. Others may be.
  if (slash !== -1 && folder === undefined) ensureOpenInside(bucket, descriptor, file, key);
  return descriptor;
}

function openLink(bucket: BucketFolder, key: string, link: string): number {
  const target = followLink(bucket, link);
  if (target.kind === 'nowhere') throw notFound(bucket, key);
  if (target.kind === 'fault') {
    // In the words of the listing: a reject would change, and be published again, with who looked last.
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
    // Between the check and this, another link took its place, or nothing.
    if (isNotThere(error)) throw notFound(bucket, key, error);
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
  throw new StoreError('not_found', `${bucket.name}/${key} is no file`);
}

/** A file that ends otherwise, or is empty, may be one that is being written. */
function endsLine(bytes: Uint8Array): boolean {
  const last = bytes[bytes.length - 1];
  return last === LINE_FEED || last === CARRIAGE_RETURN;
}
