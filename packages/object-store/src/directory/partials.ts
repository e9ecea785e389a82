import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { StoreError } from '../object-store.ts';
import { errno } from './errors.ts';
import { type BucketFolder, PARTIAL } from './path.ts';

/** A partial file that old belongs to a process that died, ms. */
const PARTIAL_MAX_AGE_MS = 86_400_000;
/** What a file system says that has no hard links. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Where a new file can be written before it is put in place. Makes the folder for such files where it is missing; not
 * the bucket's: a bucket that is not there is an error.
 *
 * @throws StoreError unavailable when a link stands for that folder; and what the file system throws
 */
export function partialFile(bucket: BucketFolder): string {
  const folder = path.join(bucket.path, PARTIAL);
  const stats = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) makeFolder(folder);
  else if (!stats.isDirectory()) {
    throw new StoreError('unavailable', `${bucket.name}/${PARTIAL} is in the way: it is no folder`);
  }
  return path.join(folder, randomUUID());
}

/** Removes a partial file. Why that fails does not matter: an old one is swept. */
export function dropPartial(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {}
}

/** Removes what processes left behind that died while they wrote. Nothing depends on it: what fails is left. */
export function sweepPartials(bucket: BucketFolder): void {
  const folder = path.join(bucket.path, PARTIAL);
  try {
    // Behind a link there may be files of others.
    if (!fs.lstatSync(folder).isDirectory()) return;
    for (const name of fs.readdirSync(folder)) {
      const file = path.join(folder, name);
      const stats = fs.lstatSync(file, { throwIfNoEntry: false });
      if (stats && Date.now() - stats.mtimeMs > PARTIAL_MAX_AGE_MS) dropPartial(file);
    }
  } catch {}
}

/**
 * Puts a file where none is, in one step: a hard link fails when there is one.
 *
 * @returns false where the file system has no hard links
 * @throws what the file system says; EEXIST when there is a file
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

/** Makes a folder that was not there a moment ago: another process may have made it. */
export function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if (errno(error) !== 'EEXIST') throw error;
  }
}
