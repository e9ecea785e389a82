import type { ListedObject, ListingFault } from '@landfall/object-store/object-store';
import { bulkInsert } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import { PAGE, rowPages } from './storage/paged-query.ts';

/** A listed object as far as it is compared and kept. */
export type Listed = Pick<ListedObject, 'key' | 'etag' | 'size' | 'fault'>;

interface ListedRow {
  key: string;
  etag: string;
  size: number;
  code: ListingFault['code'] | null;
  detail: string | null;
}

/**
 * Sorts listings of stores that do not list in byte order of the keys, or name keys twice. A temporary table of the
 * catalog's connection: it is gone when the process ends.
 */
export function openListingSpool(db: StateFile) {
  let isRequired = false;

  return {
    /** Whether a listing of this process was out of order: the next ones are sorted without trying. */
    isRequired: (): boolean => isRequired,
    require(): void {
      isRequired = true;
    },
    /**
     * A whole listing in byte order of the keys, each key once, as it was named last.
     *
     * @param onProgress called with the number of entries so far
     * @throws StoreError when the listing cannot be finished
     */
    async *sorted(
      listing: AsyncIterable<readonly ListedObject[]>,
      onProgress: (listed: number) => void,
    ): AsyncIterable<readonly Listed[]> {
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
      const after = db.prepare<[string, number], ListedRow>(
        'SELECT * FROM listing WHERE key > ? ORDER BY key LIMIT ?',
      );
      yield* rowPages((last?: ListedRow) => after.all(last?.key ?? '', PAGE), asListed);
      db.exec('DELETE FROM listing');
    },
  };
}

function asListed({ key, etag, size, code, detail }: ListedRow): Listed {
  return code === null ? { key, etag, size } : { key, etag, size, fault: { code, detail: detail ?? '' } };
}
