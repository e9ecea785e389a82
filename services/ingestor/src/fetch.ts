import type { ObjectStore } from '@landfall/object-store/object-store';
import { StoreError } from '@landfall/object-store/object-store';
import pMap from 'p-map';
import type { Catalog, ReadRecord } from './catalog.ts';
import type { Claims, RecordObject } from './match.ts';
import { MAX_RECORD_BYTES, parseRecord, tooLarge } from './parse.ts';

/** What came of reading the record objects that changed. */
export interface Fetched {
  /** By key. */
  records: Map<string, ReadRecord>;
  /** How many were as the catalog knows them. */
  unchanged: number;
}

/**
 * Reads and parses the record object of each user, where it is another version than the catalog knows. One that
 * is gone by then is struck from `claims`, and the next one of that user takes its place.
 *
 * @param concurrency how many are read at once
 * @throws StoreError when one can't be read for any other reason: a mirror with holes is none
 */
export async function fetchRecords(
  store: ObjectStore,
  bucket: string,
  claims: Claims,
  catalog: Catalog,
  concurrency: number,
  onProgress: (done: number, total: number) => void,
): Promise<Fetched> {
  const records = new Map<string, ReadRecord>();
  let unchanged = 0;
  let due = [...claims.values()].filter(({ records: [owner] }) => {
    if (!owner) return false;
    if (!catalog.reading(owner)) return true;
    unchanged++;
    return false;
  });
  const total = due.length;
  while (due.length > 0) {
    const vanished: typeof due = [];
    await pMap(
      due,
      async (claim) => {
        const [owner] = claim.records;
        if (!owner) return;
        const read = await fetchRecord(store, bucket, owner);
        if (read) records.set(read.key, read);
        else vanished.push(claim);
        onProgress(records.size, total);
      },
      { concurrency },
    );
    for (const claim of vanished) claim.records.shift();
    due = vanished;
  }
  return { records, unchanged };
}

/** @returns undefined when the object is not there any more */
async function fetchRecord(
  store: ObjectStore,
  bucket: string,
  { key, ...listed }: RecordObject,
): Promise<ReadRecord | undefined> {
  if (listed.size > MAX_RECORD_BYTES) return { key, ...listed, reading: tooLarge(listed.size) };
  try {
    const { bytes, size, etag } = await store.read(bucket, key, MAX_RECORD_BYTES);
    return { key, size, etag, reading: size > MAX_RECORD_BYTES ? tooLarge(size) : parseRecord(bytes) };
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not_found') return undefined;
    throw error;
  }
}
