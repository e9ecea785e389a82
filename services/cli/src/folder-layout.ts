import path from 'node:path';
import type { ListedObject } from '@landfall/object-store/object-store';

/** The patterns of a definition. */
export interface Layout {
  records: string;
  /** Patterns of other files, by what their names have in common: a file name without its extension, or an extension. */
  companions: { name: string; files: string }[];
}

/**
 * Finds the patterns that files suggest. Records that all have one file name, each in a folder of its own, are a folder per row;
 * otherwise file names are ids.
 *
 * @param records some of the files, all with this extension
 * @param id the name of the key column
 */
export function layoutOf(
  files: readonly ListedObject[],
  records: readonly ListedObject[],
  extension: string,
  id: string,
): Layout {
  const [first] = records;
  const isFolderPerRow =
    first !== undefined &&
    records.length > 1 &&
    records.every(({ key }) => nameOf(key) === nameOf(first.key));
  return isFolderPerRow
    ? folderPerRow(files, records, id)
    : { records: `**/{${id}}.${extension}`, companions: byExtension(files, records, id) };
}

const nameOf = (key: string): string => path.posix.basename(key);
const folderOf = (key: string): string => path.posix.dirname(key);
const stemOf = (key: string): string => path.posix.basename(key, path.posix.extname(key));
const extensionOf = (key: string): string => path.posix.extname(key).slice(1).toLowerCase();

function folderPerRow(files: readonly ListedObject[], records: readonly ListedObject[], id: string): Layout {
  const folders = new Set(records.map(({ key }) => folderOf(key)));
  const parents = new Set([...folders].map((folder) => path.posix.dirname(folder)));
  const [parent = '.'] = parents;
  const before = parents.size > 1 ? '**/' : parent === '.' ? '' : `${parent}/`;
  const pattern = (name: string) => `${before}{${id}}/${name}`;
  const [recordName = ''] = records.map(({ key }) => nameOf(key));
  const others = files.filter(({ key }) => folders.has(folderOf(key)) && nameOf(key) !== recordName);
  return {
    records: pattern(recordName),
    companions: [...new Set(others.map(({ key }) => nameOf(key)))]
      .filter(isLiteral)
      .map((name) => ({ name: stemOf(name), files: pattern(name) })),
  };
}

/** Whether a name has none of the characters that patterns use. */
const isLiteral = (name: string): boolean => !/[*{}]/.test(name);

/** One companion for each other extension of files with the id of a record. */
function byExtension(
  files: readonly ListedObject[],
  records: readonly ListedObject[],
  id: string,
): Layout['companions'] {
  const ids = new Set(records.map(({ key }) => stemOf(key)));
  const others = files.filter((file) => !records.includes(file) && ids.has(stemOf(file.key)));
  return [...new Set(others.map(({ key }) => extensionOf(key)))]
    .filter((extension) => /^[a-z0-9]+$/.test(extension))
    .map((extension) => ({ name: extension, files: `**/{${id}}.${extension}` }));
}
