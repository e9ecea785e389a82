import fs from 'node:fs';
import type { ListedObject, ListingFault, ObjectVersion } from '../../object-store.ts';
import { followLink } from '../bounds.ts';
import { concernsAll, isNotThere, systemReason } from '../errors.ts';
import { versionOf } from '../file-etag.ts';
import type { BucketFolder } from '../path.ts';

/** What a name in a folder stands for, where its file cannot be looked at. */
export type NameKind = 'file' | 'folder' | 'unknown' | 'other';

/**
 * A class, since V8 learns of each object literal in the code whether what it makes lives long, takes the files of the first
 * pages for such, and then collects none of a million until the old generation is full.
 */
export class ListedFile implements ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;

  constructor(key: string, { size, etag }: ObjectVersion, modified: number) {
    this.key = key;
    this.size = size;
    this.etag = etag;
    this.modified = modified;
  }
}

/** An entry that cannot be read. */
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
 * What the file system knows of a file, without following links.
 *
 * @returns undefined when it is not there, an error when the system does not say
 * @throws what concerns more than this file
 */
export function lookAt(file: string): fs.BigIntStats | Error | undefined {
  try {
    return fs.lstatSync(file, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (isNotThere(error)) return undefined;
    if (concernsAll(error) || !(error instanceof Error)) throw error;
    return error;
  }
}

/** The entry of a symbolic link; undefined when it leads nowhere, or to a folder of the bucket. */
export function linkEntry(bucket: BucketFolder, key: string, link: string): ListedObject | undefined {
  const target = followLink(bucket, link);
  if (target.kind === 'nowhere') return undefined;
  if (target.kind === 'fault') return faulty(key, target.fault);
  return new ListedFile(key, versionOf(target.stats), Number(target.stats.mtimeMs));
}

/** What a name that is not UTF-8 stands for. Links are followed. */
export function kindOfBytes(folder: string, name: Buffer): NameKind {
  try {
    const stats = fs.statSync(Buffer.concat([Buffer.from(`${folder}/`), name]));
    if (stats.isDirectory()) return 'folder';
    return stats.isFile() ? 'file' : 'other';
  } catch (error) {
    return isNotThere(error) ? 'other' : 'unknown';
  }
}

/** What the names in a folder stand for, as the folder itself says. */
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
