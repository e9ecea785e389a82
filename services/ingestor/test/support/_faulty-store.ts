import { compareBytes } from '@landfall/contracts/text/byte-order';
import {
  type ListedObject,
  type ListingFault,
  type ObjectStore,
  type ReadObject,
  StoreError,
  type StoreErrorCode,
} from '@landfall/object-store/object-store';

/** The order of a listing: correct, reversed, or with repeated keys, in a row or far apart. */
export type Order = 'sorted' | 'reversed' | 'repeated' | 'page again';

/** The faults of a store in the source bucket. Tests change them while an ingestor runs. */
export interface Faults {
  /** The error of reading an object (`reads`) or its metadata (`heads`), by key. */
  reads: Map<string, StoreErrorCode>;
  heads: Map<string, StoreErrorCode>;
  /** The fault of an object in the listing, by key. */
  listed: Map<string, ListingFault>;
  /** Folders that can be neither listed nor read; their names end in `/`. */
  folders: Set<string>;
  /** Modification times of objects that may still be written, ms since 1970 UTC. */
  modified: Map<string, number>;
  order: Order;
  hasEtags: boolean;
}

export const noFaults = (): Faults => ({
  reads: new Map(),
  heads: new Map(),
  listed: new Map(),
  folders: new Set(),
  modified: new Map(),
  order: 'sorted',
  hasEtags: true,
});

/** Wraps a store with faults, which affect only the bucket src-data. */
export const withFaults =
  (faults: Faults) =>
  (store: ObjectStore): ObjectStore => {
    const isIn = (bucket: string) => bucket === 'src-data';
    const folderOf = (key: string) => [...faults.folders].find((folder) => key.startsWith(folder));

    function failure(
      bucket: string,
      key: string,
      codes: Map<string, StoreErrorCode>,
    ): StoreError | undefined {
      if (!isIn(bucket)) return undefined;
      const code = codes.get(key) ?? (folderOf(key) ? 'access_denied' : undefined);
      return code && new StoreError(code, `no ${key} today`);
    }
    function changed(read: ReadObject, key: string): ReadObject {
      const modified = faults.modified.get(key);
      return {
        ...read,
        etag: faults.hasEtags ? read.etag : '',
        ...(modified !== undefined && { modified }),
      };
    }

    return {
      ...store,
      async *list(bucket, prefix) {
        if (!isIn(bucket)) {
          yield* store.list(bucket, prefix);
          return;
        }
        const objects = (await Array.fromAsync(store.list(bucket, prefix))).flat();
        const entries = [
          ...objects.filter(({ key }) => !folderOf(key)).map((object) => listedAs(object, faults)),
          ...[...faults.folders].map((key) => entry(key, { code: 'unreadable', detail: `no ${key}` })),
        ];
        yield* pagesOf(
          entries.sort((a, b) => compareBytes(a.key, b.key)),
          faults.order,
        );
      },
      async head(bucket, key) {
        const error = failure(bucket, key, faults.heads);
        if (error) throw error;
        const version = await store.head(bucket, key);
        return version && isIn(bucket) && !faults.hasEtags ? { ...version, etag: '' } : version;
      },
      async read(bucket, key, maxBytes) {
        const error = failure(bucket, key, faults.reads);
        if (error) throw error;
        return await store.read(bucket, key, maxBytes);
      },
      async readEach(bucket, objects, limits, onRead) {
        const good = objects.filter(({ key }) => {
          const error = failure(bucket, key, faults.reads);
          if (error) onRead(key, error);
          return !error;
        });
        await store.readEach(bucket, good, limits, (key, read) =>
          onRead(key, read instanceof StoreError ? read : changed(read, key)),
        );
      },
    };
  };

const entry = (key: string, fault: ListingFault): ListedObject => ({
  key,
  size: 0,
  etag: '',
  modified: 0,
  fault,
});

function listedAs(object: ListedObject, { listed, hasEtags }: Faults): ListedObject {
  const fault = listed.get(object.key);
  if (fault) return entry(object.key, fault);
  return hasEtags ? object : { ...object, etag: '' };
}

/** Splits a listing in small pages, so that a wrong order occurs within a page and between two. */
function* pagesOf(entries: readonly ListedObject[], order: Order): Iterable<ListedObject[]> {
  const listed = order === 'reversed' ? entries.toReversed() : entries;
  const named = order === 'repeated' ? listed.flatMap((object) => [object, object]) : listed;
  for (let at = 0; at < named.length; at += 3) {
    yield named.slice(at, at + 3);
    if (order === 'page again') yield named.slice(at, at + 3);
  }
}
