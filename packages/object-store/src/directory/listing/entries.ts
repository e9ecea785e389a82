import fs from 'node:fs';
import type { ListedObject, ListingFault } from '../../object-store.ts';
import { followLink } from '../bounds.ts';
import { affectsAll, isMissing, systemReason } from '../errors.ts';
import { versionOf } from '../file-etag.ts';
import type { BucketFolder } from '../path.ts';

/** The kind of a directory entry whose stats cannot be read. */
export type NameKind = 'file' | 'folder' | 'unknown' | 'other';

/** Returns the entry of a file. */
export const fileEntry = (key: string, stats: fs.BigIntStats): ListedObject => ({
  key,
  ...versionOf(stats),
  modified: Number(stats.mtimeMs),
});

/** Returns an entry that cannot be read. */
export const faulty = (key: string, fault: ListingFault): ListedObject => ({
  key,
  size: 0,
  etag: '',
  modified: 0,
  fault,
});

export const unreadable = (error: unknown): ListingFault => ({
  code: 'unreadable',
  detail: systemReason(error),
});

export const NOT_UTF8: ListingFault = { code: 'not_utf8_name', detail: 'the name is not UTF-8' };

/**
 * Returns the stats of a path, without following links.
 *
 * @returns undefined when it does not exist, the error when its stats cannot be read
 * @throws errors that affect more than this file
 */
export function statEntry(file: string): fs.BigIntStats | Error | undefined {
  try {
    return fs.lstatSync(file, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (affectsAll(error) || !(error instanceof Error)) throw error;
    return error;
  }
}

/** Returns the entry of a symbolic link; undefined when it is dangling or leads to a folder of the bucket. */
export function linkEntry(bucket: BucketFolder, key: string, link: string): ListedObject | undefined {
  const target = followLink(bucket, link);
  if (target.kind === 'nowhere') return undefined;
  if (target.kind === 'fault') return faulty(key, target.fault);
  return fileEntry(key, target.stats);
}

/** Returns the kind of an entry whose name is not UTF-8. Links are followed. */
export function kindOfBytes(folder: string, name: Buffer): NameKind {
  try {
    const stats = fs.statSync(Buffer.concat([Buffer.from(`${folder}/`), name]));
    if (stats.isDirectory()) return 'folder';
    return stats.isFile() ? 'file' : 'other';
  } catch (error) {
    return isMissing(error) ? 'other' : 'unknown';
  }
}

/** Returns the kinds of a folder's entries, from the folder itself. */
export async function kindsOf(folder: string): Promise<(name: string) => NameKind> {
  const entries = await fs.promises.readdir(folder, { withFileTypes: true }).catch(() => []);
  const kinds = new Map<string, NameKind>();
  for (const entry of entries) {
    if (entry.isDirectory()) kinds.set(entry.name, 'folder');
    else if (entry.isFile() || entry.isSymbolicLink()) kinds.set(entry.name, 'file');
    else if (entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice())
      kinds.set(entry.name, 'other');
  }
  return (name) => kinds.get(name) ?? 'unknown';
}
