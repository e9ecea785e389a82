import fs from 'node:fs';
import { StoreError } from '../object-store.ts';
import { isMissing, systemReason } from './errors.ts';
import { type BucketFolder, PARTIAL } from './path.ts';

/** Folder in which Linux links each descriptor to its file. */
const DESCRIPTORS =
  process.platform === 'linux' && fs.existsSync('/proc/self/fd') ? '/proc/self/fd' : undefined;

/** Target of a symbolic link. `nowhere`: it is dangling, cyclic, or leads to a folder of the bucket. */
export type LinkTarget =
  | { kind: 'file'; path: string; stats: fs.BigIntStats }
  | { kind: 'nowhere' }
  | { kind: 'fault'; fault: { code: 'unreadable' | 'outside_bucket'; detail: string } };

/** Resolves a symbolic link. A target outside the bucket's folder is a fault. */
export function followLink(bucket: BucketFolder, link: string): LinkTarget {
  try {
    const real = fs.realpathSync.native(link);
    if (!isInside(bucket, real)) return outside('the link leads out of the bucket');
    const stats = fs.lstatSync(real, { bigint: true });
    if (stats.isFile()) return { kind: 'file', path: real, stats };
    return stats.isDirectory() ? { kind: 'nowhere' } : outside('the link leads to no regular file');
  } catch (error) {
    if (isMissing(error)) return { kind: 'nowhere' };
    return { kind: 'fault', fault: { code: 'unreadable', detail: systemReason(error) } };
  }
}

/**
 * Checks that an open file or folder is below the bucket's folder. It checks the descriptor, so replacing a folder by
 * a link has no effect.
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
 * Like `ensureInside` for a path that is not open. Another process may replace it afterwards.
 *
 * @throws StoreError outside_bucket; errors of realpath(3)
 */
export function ensurePathInside(bucket: BucketFolder, file: string, key: string): void {
  if (!isInside(bucket, fs.realpathSync.native(file))) throw outsideBucket(bucket, key);
}

export const outsideBucket = (bucket: BucketFolder, key: string): StoreError =>
  new StoreError('outside_bucket', `a link leads ${bucket.name}/${key} out of the bucket`);

/** Returns a path to a file in an open folder. It stays valid when the folder is moved or replaced. */
export function inOpenFolder(descriptor: number, folder: string, name: string): string {
  return DESCRIPTORS ? `${DESCRIPTORS}/${descriptor}/${name}` : `${folder}/${name}`;
}

/** Whether an open file can be opened again through its descriptor. */
export const canReopen = DESCRIPTORS !== undefined;

/** Returns a path that opens the same file or folder again; undefined if the system has none. */
export function pathToOpen(descriptor: number): string | undefined {
  return DESCRIPTORS && `${DESCRIPTORS}/${descriptor}`;
}

function isInside(bucket: BucketFolder, real: string): boolean {
  return isBelow(bucket.realPath(), real) || isBelow(bucket.refreshRealPath(), real);
}

function isBelow(folder: string, real: string): boolean {
  const start = folder.endsWith('/') ? folder : `${folder}/`;
  // Partial files are not objects.
  return real === folder || (real.startsWith(start) && !real.startsWith(`${start}${PARTIAL}/`));
}

/** Returns the real path of an open file; undefined when another file has taken its path. */
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
