import { compareBytes } from '@landfall/contracts/byte-order';
import type { ObjectStore } from '@landfall/object-store/object-store';
import pMap from 'p-map';
import type { Catalog } from './catalog.ts';
import { openDiff } from './diff.ts';
import type { SourceObject } from './match.ts';
import { readSourceKey, type UserKey } from './source-key.ts';

/** What was found in the source bucket. */
export interface Seen {
  /** Objects of any kind. */
  listed: number;
  /** Record objects that are as they were. */
  unchanged: number;
  /** Record and image objects that are not there any more. */
  gone: number;
}

/**
 * Lists the source bucket and notes in the catalog what is different there, and whose users are to be looked at.
 * To be called within a transaction: of a listing that breaks off nothing may stay.
 *
 * @param onProgress hears how many objects were listed so far
 * @throws StoreError when the listing can't be had whole
 */
export async function scanBucket(
  store: ObjectStore,
  bucket: string,
  catalog: Catalog,
  onProgress: (listed: number) => void,
): Promise<Seen> {
  const seen: Seen = { listed: 0, unchanged: 0, gone: 0 };
  const notes = noteDifferences(catalog, seen);
  const diff = openDiff(catalog.objects(), notes.gone);
  for await (const page of store.list(bucket)) {
    for (const object of page) {
      const source = readSourceKey(object.key);
      if (source.kind === 'other') continue;
      const difference = diff.next(object);
      if (difference !== 'same') notes.put(object, source, difference === 'new');
      else if (source.kind === 'record') seen.unchanged++;
    }
    seen.listed += page.length;
    onProgress(seen.listed);
  }
  diff.end();
  notes.flush();
  return seen;
}

/**
 * Looks only at the objects of these keys, as `scanBucket` does at all.
 *
 * @param concurrency how many are looked at at once
 * @throws StoreError
 */
export async function scanKeys(
  store: ObjectStore,
  bucket: string,
  catalog: Catalog,
  keys: readonly string[],
  concurrency: number,
): Promise<Seen> {
  const seen: Seen = { listed: 0, unchanged: 0, gone: 0 };
  const notes = noteDifferences(catalog, seen);
  const sorted = keys.toSorted(compareBytes);
  const found = await pMap(sorted, (key) => store.head(bucket, key), { concurrency });
  for (const [i, key] of sorted.entries()) {
    const source = readSourceKey(key);
    const [version, known] = [found[i], catalog.object(key)];
    if (source.kind === 'other') continue;
    if (version) seen.listed++;
    if (!version && known) notes.gone(key);
    else if (version && (known?.etag !== version.etag || known.size !== version.size))
      notes.put({ key, ...version }, source, !known);
    else if (version && source.kind === 'record') seen.unchanged++;
  }
  notes.flush();
  return seen;
}

/** Notes what is different, and who is to be looked at because of it. */
function noteDifferences(catalog: Catalog, seen: Seen) {
  const [objects, due] = [catalog.objectWriter(), catalog.dueWriter()];
  return {
    /** An object that was not there, or is another version than it was. */
    put(object: SourceObject, source: UserKey, isNew: boolean): void {
      objects.put(object, source.userId);
      // An image written anew under its key changes no row.
      if (source.kind === 'record' || isNew) due.add(source.userId);
    },
    gone(key: string): void {
      const source = readSourceKey(key);
      if (source.kind === 'other') return;
      objects.drop(key, source.userId);
      seen.gone++;
      due.add(source.userId);
    },
    flush(): void {
      objects.flush();
      due.flush();
    },
  };
}
