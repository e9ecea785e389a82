import type { ListedObject, ListingFault } from '@landfall/object-store/object-store';
import { bulkInsert } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import { PAGE_ROWS, readPages } from './storage/paged-query.ts';

/** The fields of a listed object that the catalog compares and stores. */
export type ListedEntry = Pick<ListedObject, 'key' | 'etag' | 'size' | 'fault'> & {
  /** As in `ListedObject`; a sorted listing does not have it. */
  modified?: number;
};

interface ListedRow {
  key: string;
  etag: string;
  size: number;
  code: ListingFault['code'] | null;
  detail: string | null;
}

/**
 * Sorts listings of stores that do not list keys in byte order, or list a key twice. Uses a temporary table of the
 * catalog's connection, which SQLite deletes when the connection is closed.
 */
export function openListingSpool(db: StateFile) {
  let isRequired = false;

  return {
    /** Whether an earlier listing of this process was out of order; later ones are sorted from the start. */
    isRequired: (): boolean => isRequired,
    setRequired(): void {
      isRequired = true;
    },
    /**
     * Reads a whole listing and returns it in byte order of the keys. If a key is listed twice, the last entry counts.
     *
     * @param onProgress called with the number of entries so far
     * @throws StoreError if the listing fails
     */
    async *sort(
      listing: AsyncIterable<readonly ListedObject[]>,
      onProgress: (listed: number) => void,
    ): AsyncIterable<readonly ListedEntry[]> {
      db.exec(`
        CREATE TEMP TABLE IF NOT EXISTS listing (
          key TEXT PRIMARY KEY, etag TEXT NOT NULL, size INTEGER NOT NULL, code TEXT, detail TEXT
        ) WITHOUT ROWID;
        DELETE FROM listing;
      `);
      const rows = bulkInsert(db, 'INSERT OR REPLACE INTO listing', 5)();
      let listed = 0;
      for await (const page of listing) {
        for (const { key, etag, size, fault } of page)
          rows.add(key, etag, size, fault?.code ?? null, fault?.detail ?? null);
        listed += page.length;
        onProgress(listed);
      }
      rows.flush();
      const selectAfter = db.prepare<[string, number], ListedRow>(
        'SELECT * FROM listing WHERE key > ? ORDER BY key LIMIT ?',
      );
      yield* readPages((last?: ListedRow) => selectAfter.all(last?.key ?? '', PAGE_ROWS), toEntry);
      db.exec('DELETE FROM listing');
    },
  };
}

function toEntry({ key, etag, size, code, detail }: ListedRow): ListedEntry {
  return code === null ? { key, etag, size } : { key, etag, size, fault: { code, detail: detail ?? '' } };
}
