import { bulkInsert } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import { type Edit, openBlocks } from './blocks.ts';
import type { SourceObject } from './match.ts';

/** Changes are written so many at a time. Of more, too much would outlive V8's young generation. */
const EDITS = 128;

const isInFolder = (key: string): boolean => key.includes('/');

/** The part of the catalog that knows the objects of the source bucket, as they were last seen. */
export function openKeptObjects(db: StateFile) {
  const blocks = openBlocks<SourceObject, [objects: string]>(db, {
    table: 'objects',
    columns: ['objects'],
    keyOf: ({ key }) => key,
    write: (objects) => [writeObjects(objects)],
    read: ([objects]) => readObjects(objects),
  });
  const inFolders = bulkInsert(db, 'INSERT OR REPLACE INTO objects_in_folders', 4);
  const dropInFolder = db.prepare<[string, string]>(
    'DELETE FROM objects_in_folders WHERE user_id = ? AND key = ?',
  );
  const ofUserInFolders = db.prepare<[string], SourceObject>(
    'SELECT key, etag, size FROM objects_in_folders WHERE user_id = ? ORDER BY key',
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
    /** The objects that are in no folder whose names begin with the user's id and a dot. */
    objectsNamed: (userId: string): SourceObject[] => blocks.between(`${userId}.`, `${userId}/`),
    objectsInFolders: (userId: string): SourceObject[] => ofUserInFolders.all(userId),
    /** Writes objects in byte order of their keys; nothing is written for certain before `flush`. */
    objectWriter() {
      let edits: Edit<SourceObject>[] = [];
      const folders = inFolders();
      function flush(): void {
        blocks.edit(edits);
        edits = [];
        folders.flush();
      }
      function edit(key: string, entry: SourceObject | undefined): void {
        if (edits.push({ key, entry }) === EDITS) flush();
      }
      return {
        put({ key, etag, size }: SourceObject, userId: string): void {
          if (isInFolder(key)) folders.add(userId, key, etag, size);
          edit(key, { key, etag, size });
        },
        drop(key: string, userId: string): void {
          if (isInFolder(key)) dropInFolder.run(userId, key);
          edit(key, undefined);
        },
        flush,
      };
    },
    letGoOfObjects: blocks.letGo,
  };
}

/** Keys, ETags and sizes in turn: an object of JSON for each costs thrice as much. */
function writeObjects(objects: readonly SourceObject[]): string {
  const values: (string | number)[] = [];
  for (const { key, etag, size } of objects) values.push(key, etag, size);
  return JSON.stringify(values);
}

function readObjects(text: string): SourceObject[] {
  const values = JSON.parse(text);
  const objects: SourceObject[] = [];
  for (let i = 0; i < values.length; i += 3) {
    objects.push({ key: values[i], etag: values[i + 1], size: values[i + 2] });
  }
  return objects;
}
