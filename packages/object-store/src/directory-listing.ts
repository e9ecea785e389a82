import fs from 'node:fs';
import { compareBytes } from '@landfall/contracts/byte-order';
import { errno, isFolder, PARTIAL } from './directory-path.ts';
import { versionOf } from './file-version.ts';
import type { ListedObject, ObjectVersion } from './object-store.ts';

/**
 * Files of a page, and how many are looked at before other work gets its turn: about 1 ms. Of more, too much would
 * outlive V8's young generation.
 */
const FILES_PER_PAGE = 128;

/**
 * A class, since V8 learns of each object literal in the code whether what it makes lives long, takes the files of the first
 * pages for such, and then collects none of a million until the old generation is full.
 */
class ListedFile implements ListedObject {
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

/**
 * The files below a folder whose key starts with `wanted`, in byte order of the keys. Of a folder only its names are
 * held in memory.
 *
 * @param keyPrefix the folder's own key with a `/` at its end; empty for the bucket
 */
export async function* listFolder(
  folder: string,
  keyPrefix: string,
  wanted: string,
): AsyncIterable<readonly ListedObject[]> {
  let page: ListedObject[] = [];
  // A folder's keys begin with its name and a `/`: `a-b` and `a.csv` come after the name `a`, and before them.
  const folders: string[] = [];
  async function* flush(): AsyncIterable<readonly ListedObject[]> {
    if (page.length > 0) yield page;
    page = [];
  }
  async function* foldersBefore(name: string | undefined): AsyncIterable<readonly ListedObject[]> {
    for (let last = folders.at(-1); last !== undefined; last = folders.at(-1)) {
      if (name !== undefined && compareBytes(last, name) > 0) return;
      folders.pop();
      yield* flush();
      yield* listFolder(`${folder}/${last.slice(0, -1)}`, keyPrefix + last, wanted);
    }
  }

  const names = await namesOf(folder, keyPrefix === '');
  // Taken away one by one: of a million names, those that are done with are not kept.
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    const key = keyPrefix + name;
    if (!key.startsWith(wanted) && !wanted.startsWith(`${key}/`)) continue;
    const stats = fs.statSync(`${folder}/${name}`, { bigint: true, throwIfNoEntry: false });
    if (stats?.isFile()) {
      if (!key.startsWith(wanted)) continue;
      if (folders.length > 0) yield* foldersBefore(name);
      page.push(new ListedFile(key, versionOf(stats), Number(stats.mtimeMs)));
      if (page.length < FILES_PER_PAGE) continue;
      yield* flush();
      await new Promise(setImmediate);
    } else if (stats?.isDirectory() && key !== PARTIAL && isFolder(`${folder}/${name}`)) {
      yield* foldersBefore(`${name}/`);
      folders.push(`${name}/`);
    }
  }
  yield* foldersBefore(undefined);
  yield* flush();
}

/**
 * Names in a folder, the last one in byte order first. A folder that went while the listing was on its way to it is empty; the bucket
 * itself has to be there.
 */
async function namesOf(folder: string, isBucket: boolean): Promise<string[]> {
  try {
    // Without their types: an object for each of a million names takes 200 MB.
    return (await fs.promises.readdir(folder)).sort((a, b) => compareBytes(b, a));
  } catch (error) {
    if (errno(error) === 'ENOENT' && !isBucket) return [];
    throw error;
  }
}
