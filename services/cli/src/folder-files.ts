import fs from 'node:fs';
import path from 'node:path';
import { compareBytes } from '@landfall/contracts/text/byte-order';

/** A file of a folder, as an object of a bucket would be named. */
export interface FolderFile {
  /** The path below the folder, with slashes. */
  key: string;
  /** The path of the file. */
  file: string;
  /** Bytes. */
  size: number;
}

/**
 * Lists the regular files of a folder and its subfolders, in byte order of their keys.
 *
 * @param isPassedOver whether a key is left out
 * @throws Error of the file system
 */
export function listFiles(folder: string, isPassedOver: (key: string) => boolean): FolderFile[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return {
        file,
        key: path.relative(folder, file).split(path.sep).join('/'),
        size: fs.statSync(file).size,
      };
    })
    .filter(({ key }) => !isPassedOver(key))
    .sort((a, b) => compareBytes(a.key, b.key));
}
