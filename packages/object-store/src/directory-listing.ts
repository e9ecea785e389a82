import fs from 'node:fs';
import { compareBytes } from '@landfall/contracts/byte-order';
import { errno, PARTIAL } from './directory-path.ts';

import type { ListedObject, ObjectVersion } from './object-store.ts';

/** Files of a page, and how many are looked at before other work gets its turn: about 3 ms. */
const FILES_PER_PAGE = 512;

/**
 * The files below a folder whose key starts with `wanted`, in byte order of the keys.
 *
 * @param keyPrefix the folder's own key with a `/` at its end; empty for the bucket
 */
export async function* listFolder(
  folder: string,
  keyPrefix: string,
  wanted: string,
): AsyncIterable<readonly ListedObject[]> {
  let page: ListedObject[] = [];
  for (const name of await namesOf(folder, keyPrefix === '')) {
    const key = keyPrefix + name;
    if (name.endsWith('/')) {
      const mayMatch = key.startsWith(wanted) || wanted.startsWith(key);
      if (!mayMatch || key === `${PARTIAL}/`) continue;
      if (page.length > 0) yield page;
      page = [];
      yield* listFolder(`${folder}/${name.slice(0, -1)}`, key, wanted);
    } else if (key.startsWith(wanted)) {
      const stats = fs.statSync(`${folder}/${name}`, { bigint: true, throwIfNoEntry: false });
      if (!stats?.isFile()) continue;
      page.push({ key, ...versionOf(stats), modified: Number(stats.mtimeMs) });
      if (page.length < FILES_PER_PAGE) continue;
      yield page;
      page = [];
      await new Promise(setImmediate);
    }
  }
  if (page.length > 0) yield page;
}

/**
 * Names in a folder, those of folders with a `/` at their end, as they begin their files' keys: that is what the
 * order goes by. A folder that went while the listing was on its way to it is empty; the bucket itself has to be
 * there.
 */
async function namesOf(folder: string, isBucket: boolean): Promise<string[]> {
  try {
    const entries = await fs.promises.readdir(folder, { withFileTypes: true });
    const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
    return names.sort(compareBytes);
  } catch (error) {
    if (errno(error) === 'ENOENT' && !isBucket) return [];
    throw error;
  }
}

const version = new BigUint64Array(4);
const versionBytes = Buffer.from(version.buffer);

/** A file has no ETag: inode, size and both times (ns) stand for one. */
export function versionOf(stats: fs.BigIntStats): ObjectVersion {
  version[0] = stats.ino;
  version[1] = stats.size;
  version[2] = stats.mtimeNs;
  version[3] = stats.ctimeNs;
  return { size: Number(stats.size), etag: versionBytes.toString('base64url') };
}
