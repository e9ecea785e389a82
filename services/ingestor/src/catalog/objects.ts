import { bulkInsert } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import type { SourceObject } from '../source/source-object.ts';
import { openPackedTable } from './storage/packed-table.ts';
import { openWriteBuffer } from './storage/write-buffer.ts';

const DOT = 0x2e;

/**
 * Whether the range of keys that begin with the row id and a dot misses an object: it is in a folder, its name has more than the
 * id, or is not in NFC.
 */
const isOutsideRange = (key: string, rowId: string): boolean =>
  key.includes('/') || !key.startsWith(rowId) || key.charCodeAt(rowId.length) !== DOT;

/** The catalog's table of the source bucket's objects, as they were last listed. */
export function openObjectsTable(db: StateFile) {
  const table = openPackedTable<SourceObject, Columns>(db, {
    table: 'packed_objects',
    columns: ['names', 'figures'],
    keyOf: ({ key }) => key,
    pack: packObjects,
    unpack: unpackObjects,
  });
  const openInsert = bulkInsert(db, 'INSERT OR REPLACE INTO objects_by_row', 4);
  const removeByRow = db.prepare<[string, string]>('DELETE FROM objects_by_row WHERE row_id = ? AND key = ?');
  const selectByRow = db
    .prepare<[string], [rowId: string, key: string, etag: string, size: number]>(
      `SELECT row_id, objects.key, etag, size FROM json_each(?) AS ids JOIN objects_by_row AS objects ON row_id = ids.value
       ORDER BY ids.key, objects.key`,
    )
    .raw();

  return {
    /** @returns a function that returns the next object in byte order of the keys, and undefined at the end */
    objectReader(): () => SourceObject | undefined {
      let pack: SourceObject[] = [];
      let at = 0;
      return () => {
        if (at === pack.length) {
          pack = table.packAfter(pack.at(-1)?.key ?? '');
          at = 0;
        }
        return pack[at++];
      };
    },
    object: table.get,
    /** The objects whose keys begin with the row id and a dot. Objects of other rows may be among them. */
    objectsByPrefix: (rowId: string): SourceObject[] => table.between(`${rowId}.`, `${rowId}/`),
    /**
     * All objects of rows, including those in folders or in another Unicode form. One statement per row would take a fifth of a
     * first run over records in folders.
     *
     * @returns the objects of each row, in the order of `rowIds`
     */
    objectsOfEach(rowIds: readonly string[]): SourceObject[][] {
      const outside = selectByRow.all(JSON.stringify(rowIds));
      let at = 0;
      return rowIds.map((rowId) => {
        // A folder name may begin with the row id: both queries find a.b/a.csv for the row `a`.
        const found = table
          .between(`${rowId}.`, `${rowId}/`)
          .filter(({ key }) => !isOutsideRange(key, rowId));
        for (let next = outside[at]; next?.[0] === rowId; next = outside[++at]) {
          const [, key, etag, size] = next;
          found.push({ key, etag, size });
        }
        return found;
      });
    },
    /** Writes objects in byte order of their keys. Call `flush` at the end. */
    objectWriter() {
      const buffer = openWriteBuffer(table.write);
      const insert = openInsert();
      return {
        put(object: SourceObject, rowId: string): void {
          const { key, etag, size } = object;
          if (isOutsideRange(key, rowId)) insert.add(rowId, key, etag, size);
          buffer.put(key, object);
        },
        remove(key: string, rowId: string): void {
          if (isOutsideRange(key, rowId)) removeByRow.run(rowId, key);
          buffer.remove(key);
        },
        flush(): void {
          buffer.flush();
          insert.flush();
        },
      };
    },
    clearObjects(): void {
      table.clear();
      db.exec('DELETE FROM objects_by_row');
    },
    dropObjectCache: table.dropCache,
  };
}

type Columns = [names: string, figures: string];

/**
 * Concatenates keys and ETags, and stores their lengths and the objects' sizes beside them. A JSON array of strings is slower:
 * JSON.parse interns each short string.
 */
function packObjects(objects: readonly SourceObject[]): Columns {
  let names = '';
  const figures: number[] = [];
  for (const { key, etag, size } of objects) {
    names += key + etag;
    figures.push(key.length, etag.length, size);
  }
  return [names, JSON.stringify(figures)];
}

function unpackObjects([names, text]: Columns): SourceObject[] {
  const figures: number[] = JSON.parse(text);
  const objects: SourceObject[] = [];
  let at = 0;
  for (let i = 0; i + 2 < figures.length; i += 3) {
    const [keyLength = 0, etagLength = 0, size = 0] = [figures[i], figures[i + 1], figures[i + 2]];
    const [etagAt, end] = [at + keyLength, at + keyLength + etagLength];
    objects.push({ key: names.slice(at, etagAt), etag: names.slice(etagAt, end), size });
    at = end;
  }
  return objects;
}
