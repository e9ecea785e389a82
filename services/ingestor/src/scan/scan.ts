import { compareBytes } from '@landfall/contracts/text/byte-order';
import { isPassedOver } from '@landfall/contracts/text/passed-over';
import {
  isObjectFault,
  type ObjectStore,
  type ObjectVersion,
  StoreError,
} from '@landfall/object-store/object-store';
import pMap from 'p-map';
import type { Catalog } from '../catalog/catalog.ts';
import type { ListedEntry } from '../catalog/listing-spool.ts';
import { type RowKey, sourceKeyParser } from '../source/source-key.ts';
import {
  type FaultyObject,
  faultyObject,
  isSameVersion,
  type SourceObject,
} from '../source/source-object.ts';
import { openDiff } from './listing-diff.ts';

/** What was found in the source bucket. */
export interface Seen {
  /** Objects of any kind. */
  listed: number;
  /** Objects that belong to tools and not to the data. */
  passedOver: number;
  /** Record objects that are as they were. */
  unchanged: number;
  /** Record and image objects that are not there any more. */
  gone: number;
  /** Keys that the listing named twice in a row. */
  repeated: number;
  /** Folders that could not be listed: their keys end in `/`. */
  folders: FaultyObject[];
}

const nothingSeen = (): Seen => ({
  listed: 0,
  passedOver: 0,
  unchanged: 0,
  gone: 0,
  repeated: 0,
  folders: [],
});

/**
 * Lists the source bucket and notes in the catalog what is different there, and whose users are to be looked at.
 * To be called within a transaction: of a listing that breaks off nothing may stay.
 *
 * @param onProgress hears how many objects were listed so far
 * @throws StoreError when the listing can't be had whole; UnorderedListingError when it has to be sorted first: the
 *   catalog's `listingSpool` does that once it is told to
 */
export async function scanBucket(
  store: ObjectStore,
  bucket: string,
  catalog: Catalog,
  onProgress: (listed: number) => void,
): Promise<Seen> {
  const seen = nothingSeen();
  const notes = noteDifferences(catalog, seen);
  const diff = openDiff(catalog.objectReader(), notes.gone);
  const spool = catalog.listingSpool;
  const pages: AsyncIterable<readonly ListedEntry[]> = spool.isRequired()
    ? spool.sort(store.list(bucket), onProgress)
    : store.list(bucket);
  const parseKey = sourceKeyParser(catalog.definition);
  for await (const page of pages) {
    for (const object of page) {
      if (isPassedOver(object.key)) {
        seen.passedOver++;
        continue;
      }
      const source = parseKey(object.key);
      if (source.kind === 'other') {
        if (object.fault) passFaultyOther(object.key, object.fault);
        continue;
      }
      const found = object.fault ? faultyObject(object.key, object.fault) : object;
      const difference = diff.next(found);
      if (difference === 'repeated') seen.repeated++;
      else if (difference !== 'same') notes.put(found, source, difference === 'new');
      else if (source.kind === 'record') seen.unchanged++;
    }
    seen.listed += page.length;
    onProgress(seen.listed);
  }
  diff.end();
  notes.flush();
  seen.listed -= seen.repeated;
  return seen;

  function passFaultyOther(key: string, fault: NonNullable<ListedEntry['fault']>): void {
    if (!key.endsWith('/')) return;
    diff.keepBelow(key);
    if (seen.folders.at(-1)?.key !== key) seen.folders.push(faultyObject(key, fault));
  }
}

/**
 * Looks only at the objects of these keys, as `scanBucket` does at all.
 *
 * @param concurrency how many are looked at at once
 * @throws StoreError that concerns the whole store
 */
export async function scanKeys(
  store: ObjectStore,
  bucket: string,
  catalog: Catalog,
  keys: readonly string[],
  concurrency: number,
): Promise<Seen> {
  const seen = nothingSeen();
  const notes = noteDifferences(catalog, seen);
  const sorted = keys.toSorted(compareBytes);
  const found = await pMap(sorted, (key) => headOf(store, bucket, key), { concurrency });
  for (const [i, key] of sorted.entries()) {
    const source = sourceKeyParser(catalog.definition)(key);
    if (source.kind === 'other') continue;
    const [version, known] = [found[i], catalog.object(key)];
    if (version === 'odd') seen.passedOver++;
    else if (version) seen.listed++;
    if (version === undefined || version === 'odd') {
      if (known) notes.gone(key);
    } else if (version instanceof StoreError) {
      const faulty = asFaulty(key, source, version);
      if (faulty) notes.put(faulty, source, !known);
    } else if (!known || !isSameVersion(known, { key, ...version })) {
      notes.put({ key, ...version }, source, !known);
    } else if (source.kind === 'record') {
      seen.unchanged++;
      if (catalog.isUnreadable(key)) notes.retry(source.id);
    }
  }
  notes.flush();
  return seen;
}

/** @returns undefined when it is not there; an error that concerns this object alone */
async function headOf(
  store: ObjectStore,
  bucket: string,
  key: string,
): Promise<ObjectVersion | StoreError | 'odd' | undefined> {
  if (isPassedOver(key)) return 'odd';
  try {
    return await store.head(bucket, key);
  } catch (error) {
    if (error instanceof StoreError && isObjectFault(error)) return error;
    throw error;
  }
}

/**
 * What an error of looking at an object makes of it. A record gets no version, so that reading it shows what is wrong, and
 * whether the store gives anything. Of an image nothing is known then, and it stays as it was.
 */
function asFaulty(key: string, { kind }: RowKey, { code, message }: StoreError): SourceObject | undefined {
  if (code === 'outside_bucket') return faultyObject(key, { code, detail: message });
  return kind === 'record' ? { key, etag: '', size: 0 } : undefined;
}

/** Notes what is different, and who is to be looked at because of it. */
function noteDifferences(catalog: Catalog, seen: Seen) {
  const [objects, due] = [catalog.objectWriter(), catalog.queueWriter()];
  return {
    /** An object that was not there, or is another version than it was. */
    put(object: SourceObject, source: RowKey, isNew: boolean): void {
      const { key, fault } = object;
      const { id, kind } = source;
      objects.put(object, id);
      const hadFault = catalog.removeFault(id, key);
      if (fault) catalog.putFault(id, { ...object, fault });
      // An image written anew under its key changes no row.
      if (kind === 'record' || isNew || fault || hadFault) due.add(id);
    },
    gone(key: string): void {
      const source = sourceKeyParser(catalog.definition)(key);
      if (source.kind === 'other') return;
      objects.remove(key, source.id);
      catalog.removeFault(source.id, key);
      seen.gone++;
      due.add(source.id);
    },
    /** The object is as it was; whether it can be read may be otherwise. */
    retry: (id: string): void => due.add(id),
    flush(): void {
      objects.flush();
      due.flush();
    },
  };
}
