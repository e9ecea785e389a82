import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { StoreError } from '../object-store.ts';
import { errno } from './errors.ts';
import { type BucketFolder, PARTIAL } from './path.ts';

/** An older partial file was left by a process that died, ms. */
const PARTIAL_MAX_AGE_MS = 86_400_000;
/** Errors of file systems without hard links. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Returns a path for a new file that is renamed into place later. Creates the folder for partial files if it is
 * missing, but not the bucket's folder.
 *
 * @throws StoreError unavailable when that folder is a link or a file; file system errors
 */
export function partialFile(bucket: BucketFolder): string {
  const folder = path.join(bucket.path, PARTIAL);
  const stats = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) makeFolder(folder);
  else if (!stats.isDirectory()) {
    throw new StoreError('unavailable', `${bucket.name}/${PARTIAL} is in the way: it is not a folder`);
  }
  return path.join(folder, randomUUID());
}

/** Removes a partial file. Errors are ignored, since old ones are swept later. */
export function dropPartial(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {}
}

/** Removes old partial files of processes that died. Errors are ignored. */
export function sweepPartials(bucket: BucketFolder): void {
  const folder = path.join(bucket.path, PARTIAL);
  try {
    // A link could lead to files of others.
    if (!fs.lstatSync(folder).isDirectory()) return;
    for (const name of fs.readdirSync(folder)) {
      const file = path.join(folder, name);
      const stats = fs.lstatSync(file, { throwIfNoEntry: false });
      if (stats && Date.now() - stats.mtimeMs > PARTIAL_MAX_AGE_MS) dropPartial(file);
    }
  } catch {}
}

/**
 * Moves a file to a path that must not exist, atomically, with a hard link.
 *
 * @returns false when the file system has no hard links
 * @throws file system errors; EEXIST when the path exists
 */
export function linkInPlace(partial: string, target: string): boolean {
  try {
    fs.linkSync(partial, target);
  } catch (error) {
    if (NO_LINKS.has(errno(error))) return false;
    throw error;
  }
  fs.unlinkSync(partial);
  return true;
}

/** Whether `linkInPlace` works in a bucket. */
export function canLink(bucket: BucketFolder): boolean {
  const [one, other] = [partialFile(bucket), partialFile(bucket)];
  try {
    fs.writeFileSync(one, '', { flag: 'wx' });
    return linkInPlace(one, other);
  } finally {
    dropPartial(one);
    dropPartial(other);
  }
}

/** Creates a folder. It is not an error when another process has just created it. */
export function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if (errno(error) !== 'EEXIST') throw error;
  }
}
