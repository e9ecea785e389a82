import { bulkInsert } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import type { SourceObject } from '../source/source-object.ts';
import { openBlocks } from './storage/packed-table.ts';
import { gatherEdits } from './storage/write-buffer.ts';

/** Whether an object is not in the range of keys that its user's id gives: in a folder, or not in NFC as the id is. */
const isApart = (key: string, userId: string): boolean => key.includes('/') || !key.startsWith(userId);

/** The part of the catalog that knows the objects of the source bucket, as they were last seen. */
export function openKeptObjects(db: StateFile) {
  const blocks = openBlocks<SourceObject, Columns>(db, {
    table: 'objects',
    columns: ['names', 'figures'],
    keyOf: ({ key }) => key,
    write: writeObjects,
    read: readObjects,
  });
  const byUser = bulkInsert(db, 'INSERT OR REPLACE INTO objects_by_user', 4);
  const dropByUser = db.prepare<[string, string]>(
    'DELETE FROM objects_by_user WHERE user_id = ? AND key = ?',
  );
  const ofUser = db.prepare<[string], SourceObject>(
    'SELECT key, etag, size FROM objects_by_user WHERE user_id = ? ORDER BY key',
  );

  return {
    /** One object after the other, in byte order of the keys. */
    objects(): () => SourceObject | undefined {
      let block: SourceObject[] = [];
      let at = 0;
      return () => {
        if (at === block.length) {
          block = blocks.blockAfter(block.at(-1)?.key ?? '');
          at = 0;
        }
        return block[at++];
      };
    },
    object: blocks.get,
    /** The objects whose keys begin with the user's id and a dot. Objects of others may be among them. */
    objectsNamed: (userId: string): SourceObject[] => blocks.between(`${userId}.`, `${userId}/`),
    /** All objects of the user: those named so, and those in folders or in another Unicode form. */
    objectsOf(userId: string): SourceObject[] {
      // A folder may be named like the user: a.b/a.csv is in both.
      const named = blocks.between(`${userId}.`, `${userId}/`).filter(({ key }) => !isApart(key, userId));
      return named.concat(ofUser.all(userId));
    },
    /** Writes objects in byte order of their keys; nothing is written for certain before `flush`. */
    objectWriter() {
      const edits = gatherEdits(blocks.edit);
      const apart = byUser();
      return {
        put(object: SourceObject, userId: string): void {
          const { key, etag, size } = object;
          if (isApart(key, userId)) apart.add(userId, key, etag, size);
          edits.add(key, object);
        },
        drop(key: string, userId: string): void {
          if (isApart(key, userId)) dropByUser.run(userId, key);
          edits.add(key, undefined);
        },
        flush(): void {
          edits.flush();
          apart.flush();
        },
      };
    },
    forgetObjects(): void {
      blocks.clear();
      db.exec('DELETE FROM objects_by_user');
    },
    letGoOfObjects: blocks.letGo,
  };
}

/** A class for the same reason as a listed file is one (directory-listing.ts): V8 would take them all for long-lived. */
class KeptObject implements SourceObject {
  readonly key: string;
  readonly etag: string;
  readonly size: number;

  constructor(key: string, etag: string, size: number) {
    this.key = key;
    this.etag = etag;
    this.size = size;
  }
}

type Columns = [names: string, figures: string];

/**
 * Keys and ETags in turn, and beside them how long both are and how large the object is. Of an array of strings, JSON.parse
 * would look up each short key among all it ever made, and keep them all.
 */
function writeObjects(objects: readonly SourceObject[]): Columns {
  let names = '';
  const figures: number[] = [];
  for (const { key, etag, size } of objects) {
    names += key + etag;
    figures.push(key.length, etag.length, size);
  }
  return [names, JSON.stringify(figures)];
}

function readObjects([names, text]: Columns): SourceObject[] {
  const figures: number[] = JSON.parse(text);
  const objects: SourceObject[] = [];
  let at = 0;
  for (let i = 0; i + 2 < figures.length; i += 3) {
    const [keyLength = 0, etagLength = 0, size = 0] = [figures[i], figures[i + 1], figures[i + 2]];
    const [etagAt, end] = [at + keyLength, at + keyLength + etagLength];
    objects.push(new KeptObject(names.slice(at, etagAt), names.slice(etagAt, end), size));
    at = end;
  }
  return objects;
}
