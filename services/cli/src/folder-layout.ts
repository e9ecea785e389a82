import path from 'node:path';
import type { ListedObject } from '@landfall/object-store/object-store';

/** The patterns of a definition. */
export interface Layout {
  records: string;
  /** Patterns of other files, by what their names have in common: a file name without its extension, or an extension. */
  companions: { name: string; files: string }[];
  /** The files that are records, and those that are companions. */
  recordFiles: readonly ListedObject[];
  companionFiles: readonly ListedObject[];
}

/** Share of the records that must have the same file name: a few stray files do not count. */
const MIN_SHARE = 0.9;

/**
 * Finds the patterns that files suggest. When almost all records have one file name, each in a folder of its own, there is a folder
 * per row; otherwise file names are ids.
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
  const sameName = largestGroup(records, ({ key }) => nameOf(key));
  const isFolderPerRow = sameName.length > 1 && sameName.length >= records.length * MIN_SHARE;
  return isFolderPerRow
    ? folderPerRow(files, sameName, id)
    : { records: `**/{${id}}.${extension}`, recordFiles: records, ...byExtension(files, records, id) };
}

/** The members of the most frequent value of `by`; of equally frequent ones, the first. */
export function largestGroup<Member>(members: readonly Member[], by: (member: Member) => string): Member[] {
  const groups = [...Map.groupBy(members, by).values()];
  return groups.sort((a, b) => b.length - a.length)[0] ?? [];
}

/** The name of a file as patterns have it: the letter case of an extension does not count. */
function nameOf(key: string): string {
  const extension = path.posix.extname(key);
  return path.posix.basename(key, extension) + extension.toLowerCase();
}
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
    recordFiles: records,
    companionFiles: others,
  };
}

/** Whether a name has none of the characters that patterns use. */
const isLiteral = (name: string): boolean => !/[*{}]/.test(name);

/** One companion for each other extension of files with the id of a record. */
function byExtension(
  files: readonly ListedObject[],
  records: readonly ListedObject[],
  id: string,
): Pick<Layout, 'companions' | 'companionFiles'> {
  const ids = new Set(records.map(({ key }) => stemOf(key)));
  const recordSet = new Set(records);
  const others = files.filter((file) => !recordSet.has(file) && ids.has(stemOf(file.key)));
  const companions = [...new Set(others.map(({ key }) => extensionOf(key)))]
    .filter((extension) => /^[a-z0-9]+$/.test(extension))
    .map((extension) => ({ name: extension, files: `**/{${id}}.${extension}` }));
  return { companions, companionFiles: others };
}
