import fs from 'node:fs';
import { StoreError } from '../object-store.ts';
import { isNotThere, systemReason } from './errors.ts';
import { type BucketFolder, PARTIAL } from './path.ts';

/** Where Linux says which file a descriptor stands for. */
const DESCRIPTORS =
  process.platform === 'linux' && fs.existsSync('/proc/self/fd') ? '/proc/self/fd' : undefined;

/** Where a symbolic link leads to. Nowhere: to nothing, in a circle, or to a folder of the bucket, which is no object. */
export type LinkTarget =
  | { kind: 'file'; path: string; stats: fs.BigIntStats }
  | { kind: 'nowhere' }
  | { kind: 'fault'; fault: { code: 'unreadable' | 'outside_bucket'; detail: string } };

/** Follows a symbolic link, as far as it stays below the bucket's folder. */
export function followLink(bucket: BucketFolder, link: string): LinkTarget {
  try {
    const real = fs.realpathSync.native(link);
    if (!isInside(bucket, real)) return outside('the link leads out of the bucket');
    const stats = fs.lstatSync(real, { bigint: true });
    if (stats.isFile()) return { kind: 'file', path: real, stats };
    return stats.isDirectory() ? { kind: 'nowhere' } : outside('the link leads to no regular file');
  } catch (error) {
    if (isNotThere(error)) return { kind: 'nowhere' };
    return { kind: 'fault', fault: { code: 'unreadable', detail: systemReason(error) } };
  }
}

/**
 * Checks that an open file or folder lies below the bucket's folder. It looks at what was opened: a folder that was
 * swapped for a link before that gains nothing.
 *
 * @param file the path that was opened
 * @throws StoreError outside_bucket
 */
export function ensureInside(bucket: BucketFolder, descriptor: number, file: string, key: string): void {
  const opened = pathOf(descriptor, file);
  if (opened !== undefined && isInside(bucket, opened)) return;
  throw outsideBucket(bucket, key);
}

/**
 * As `ensureInside`, for what is not opened: another process may swap it right afterwards.
 *
 * @throws StoreError outside_bucket; and whatever realpath(3) says
 */
export function ensurePathInside(bucket: BucketFolder, file: string, key: string): void {
  if (!isInside(bucket, fs.realpathSync.native(file))) throw outsideBucket(bucket, key);
}

export const outsideBucket = (bucket: BucketFolder, key: string): StoreError =>
  new StoreError('outside_bucket', `a link leads ${bucket.name}/${key} out of the bucket`);

/** A path of a file in an open folder, which leads there even if the folder is moved or swapped meanwhile. */
export function inOpenFolder(descriptor: number, folder: string, name: string): string {
  return DESCRIPTORS ? `${DESCRIPTORS}/${descriptor}/${name}` : `${folder}/${name}`;
}

/** Whether an open file has a path that opens it once more. */
export const canReopen = DESCRIPTORS !== undefined;

/** A path that opens an open file or folder once more; undefined where the system has none. */
export function pathToOpen(descriptor: number): string | undefined {
  return DESCRIPTORS && `${DESCRIPTORS}/${descriptor}`;
}

function isInside(bucket: BucketFolder, real: string): boolean {
  return isBelow(bucket.realPath(), real) || isBelow(bucket.resolveAgain(), real);
}

function isBelow(folder: string, real: string): boolean {
  const start = folder.endsWith('/') ? folder : `${folder}/`;
  // What is on its way in is no object yet.
  return real === folder || (real.startsWith(start) && !real.startsWith(`${start}${PARTIAL}/`));
}

/** The real path of what is open; undefined when something else stands at its path by now. */
function pathOf(descriptor: number, file: string): string | undefined {
  if (DESCRIPTORS) return fs.readlinkSync(`${DESCRIPTORS}/${descriptor}`);
  const real = fs.realpathSync.native(file);
  const [there, opened] = [fs.lstatSync(real, { bigint: true }), fs.fstatSync(descriptor, { bigint: true })];
  return there.ino === opened.ino && there.dev === opened.dev ? real : undefined;
}

const outside = (detail: string): LinkTarget => ({
  kind: 'fault',
  fault: { code: 'outside_bucket', detail },
});
