import path from 'node:path';
import { directoryStore } from '@landfall/object-store/directory-store';
import { type ListedObject, type ObjectStore, StoreError } from '@landfall/object-store/object-store';
import { UsageError } from './usage-error.ts';

/** The bucket that the folder is read as. Paths of companions begin with it, as in a data set with default settings. */
export const BUCKET = 'src-data';

/** The files of a folder, as a run sees them. */
export interface FolderFiles {
  /** Has the folder as `BUCKET`. */
  store: ObjectStore;
  /** In byte order of the keys. A link that leads out of the folder, or a folder that cannot be read, has a fault. */
  files: ListedObject[];
  /** Number of files that tools keep for themselves. They are not listed. */
  passedOver: number;
}

/**
 * Lists the files of a folder and its subfolders, in the same way as a run over a directory store.
 *
 * @param isPassedOver whether a key is left out
 * @throws UsageError when the folder cannot be listed
 */
export async function listFiles(
  folder: string,
  isPassedOver: (key: string) => boolean,
): Promise<FolderFiles> {
  const resolved = path.resolve(folder);
  const store = directoryStore(path.dirname(resolved), new Map([[BUCKET, resolved]]));
  const listed: ListedObject[] = [];
  try {
    for await (const page of store.list(BUCKET)) listed.push(...page);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const why = error.code === 'bucket_not_found' ? 'is not a folder' : `cannot be listed: ${error.message}`;
    throw new UsageError(`${folder} ${why}`);
  }
  const files = listed.filter(({ key }) => !isPassedOver(key));
  return { store, files, passedOver: listed.length - files.length };
}
