/**
 * Folders and files that trash cans, NAS systems, sync tools, archivers and office programs keep for themselves, and that
 * may hold old copies of records. Each is compared with a whole segment of a key. Names that start with a letter are
 * compared as they are, since people may use the same words; others in any letter case. Names that start with a dot
 * need no entry: all of them are odd.
 */
export const ODD_NAMES: readonly string[] = [
  '#recycle',
  '#snapshot',
  '$RECYCLE.BIN',
  '@eaDir',
  '@Recently-Snapshot',
  '@Recycle',
  '@sharesnap',
  '@SynoResource',
  '@tmp',
  '@Transcode',
  '@__thumb',
  '__MACOSX',
  '_gsdata_',
  '_SYNCAPP',
  '~snapshot',
  'DfsrPrivate',
  'lost+found',
  'Network Trash Folder',
  'RECYCLED',
  'RECYCLER',
  'System Volume Information',
  'Temporary Items',
  'TheVolumeSettingsFolder',
];

/** What the names of such folders and files start with. */
export const ODD_PREFIXES: readonly string[] = ['.', '~$', '@GMT-'];

const SLASH = 0x2f;

/** What a segment is compared with, by its first UTF-16 unit. All of these are ASCII. */
interface Suspects {
  names: string[];
  prefixes: string[];
}
const suspects: (Suspects | undefined)[] = Array.from({ length: 128 }, () => undefined);
for (const name of ODD_NAMES) suspectsOf(name).names.push(isLetter(name) ? name : name.toLowerCase());
for (const prefix of ODD_PREFIXES) suspectsOf(prefix).prefixes.push(prefix);

/** A byte each: for most keys this is all that is looked at. */
const isSuspect = Uint8Array.from(suspects, (each) => (each ? 1 : 0));

function suspectsOf(name: string): Suspects {
  const first = name.charCodeAt(0);
  const known = suspects[first] ?? { names: [], prefixes: [] };
  suspects[first] = known;
  return known;
}

function isLetter(name: string): boolean {
  return /^[a-z]/i.test(name);
}

/**
 * Whether a key belongs to a tool and not to the data: one of its segments starts with a dot, or is a name that trash
 * cans, NAS systems, sync tools, archivers or office programs keep for themselves.
 *
 * It runs for each key of a listing. One loop over the units is cheaper than `split` or `indexOf` on short keys.
 *
 * @param key of the source bucket; a folder ends in `/`
 */
export function isOddKey(key: string): boolean {
  if (isOddAt(key, 0)) return true;
  for (let at = 0; at < key.length; at++) {
    if (key.charCodeAt(at) === SLASH && isOddAt(key, at + 1)) return true;
  }
  return false;
}

function isOddAt(key: string, start: number): boolean {
  const unit = key.charCodeAt(start);
  if (isSuspect[unit] !== 1) return false;
  const suspect = suspects[unit];
  return suspect !== undefined && isOddSegment(key, start, suspect);
}

function isOddSegment(key: string, start: number, { names, prefixes }: Suspects): boolean {
  for (const prefix of prefixes) if (key.startsWith(prefix, start)) return true;
  for (const name of names) {
    const end = start + name.length;
    if (end < key.length && key.charCodeAt(end) !== SLASH) continue;
    const segment = key.slice(start, end);
    if (segment === name || (!isLetter(name) && segment.toLowerCase() === name)) return true;
  }
  return false;
}
