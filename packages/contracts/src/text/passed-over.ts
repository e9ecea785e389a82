/**
 * Folders and files that trash folders, NAS systems, sync tools, archivers and office programs keep for themselves, and that
 * may contain old copies of records. Each is compared with a whole segment of a key: names that start with a letter exactly, since
 * people use similar words; others in any letter case. Names that start with a dot need no entry.
 */
export const PASSED_OVER_NAMES: readonly string[] = [
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

/** Prefixes of such names. */
export const PASSED_OVER_PREFIXES: readonly string[] = ['.', '~$', '@GMT-'];

const SLASH = 0x2f;

/** The names and prefixes by their first UTF-16 unit, which is ASCII. */
interface Suspects {
  names: string[];
  prefixes: string[];
}
const suspects: (Suspects | undefined)[] = Array.from({ length: 128 }, () => undefined);
for (const name of PASSED_OVER_NAMES) suspectsOf(name).names.push(isLetter(name) ? name : name.toLowerCase());
for (const prefix of PASSED_OVER_PREFIXES) suspectsOf(prefix).prefixes.push(prefix);

/** One byte per unit: most keys need only this table. */
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
 * Whether a key belongs to a tool and is passed over: one of its segments starts with a dot, or is one of the names above.
 *
 * It runs for each key of a listing. One loop over the units is faster than `split` or `indexOf` on short keys.
 *
 * @param key of the source bucket; a folder ends in `/`
 */
export function isPassedOver(key: string): boolean {
  if (isPassedOverAt(key, 0)) return true;
  for (let at = 0; at < key.length; at++) {
    if (key.charCodeAt(at) === SLASH && isPassedOverAt(key, at + 1)) return true;
  }
  return false;
}

/** The number of segments of a key for which it is passed over. */
export function countPassedOver(key: string): number {
  let count = isPassedOverAt(key, 0) ? 1 : 0;
  for (let at = 0; at < key.length; at++) {
    if (key.charCodeAt(at) === SLASH && isPassedOverAt(key, at + 1)) count++;
  }
  return count;
}

function isPassedOverAt(key: string, start: number): boolean {
  const unit = key.charCodeAt(start);
  if (isSuspect[unit] !== 1) return false;
  const suspect = suspects[unit];
  return suspect !== undefined && isSuspectSegment(key, start, suspect);
}

function isSuspectSegment(key: string, start: number, { names, prefixes }: Suspects): boolean {
  for (const prefix of prefixes) if (key.startsWith(prefix, start)) return true;
  for (const name of names) {
    const end = start + name.length;
    if (end < key.length && key.charCodeAt(end) !== SLASH) continue;
    const segment = key.slice(start, end);
    if (segment === name || (!isLetter(name) && segment.toLowerCase() === name)) return true;
  }
  return false;
}
