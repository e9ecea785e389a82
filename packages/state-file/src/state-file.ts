import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import Database from 'better-sqlite3';
import { DamagedStateError, isDamage, SUFFIXES, setAside } from './damage.ts';
import { makeFolder } from './make-folder.ts';
import { asUnusable, isInTheWay } from './unusable.ts';

export type StateFile = Database.Database;

/** What a file of one's own state looks like. */
export interface StateFileLayout {
  /** Statements that make the tables; run once, on an empty file. */
  schema: string;
  /** Goes up with every change of `schema`. */
  schemaVersion: number;
  /** What the content depends on besides the tables. A file that was made for another text is removed. */
  definition?: string;
}

/**
 * Opens a SQLite file that holds nothing that could not be made again. Makes it when it is not there. A file of another
 * layout version is removed; one that is damaged, has other tables, or cannot be opened is set aside. In WAL mode:
 * readers on other connections see the last commit and never wait.
 *
 * @param onDiscard called with the reason when an existing file is discarded
 * @param now ms since 1970 UTC: the time in the name of a file that is set aside
 * @throws UnusableStateError when the folder or its disk does not allow it
 */
export function openStateFile(
  file: string,
  layout: StateFileLayout,
  onDiscard: (why: string) => void,
  now: number = Date.now(),
): StateFile {
  try {
    makeFolder(path.dirname(file));
    return openExisting(file, layout, onDiscard, now) ?? foldLog(make(file, layout));
  } catch (error) {
    throw asUnusable(error, file);
  }
}

/** @returns undefined when there is no file, or none any more */
function openExisting(
  file: string,
  layout: StateFileLayout,
  onDiscard: (why: string) => void,
  now: number,
): StateFile | undefined {
  // A link that leads nowhere is something, too.
  const isThere = (name: string) => fs.lstatSync(name, { throwIfNoEntry: false }) !== undefined;
  if (!SUFFIXES.some((suffix) => isThere(file + suffix))) return undefined;
  let opened: StateFile | undefined;
  try {
    ensureWritable(file);
    opened = open(file);
    const version = opened.pragma('user_version', { simple: true });
    const isOfDefinition = opened.pragma('application_id', { simple: true }) === definitionId(layout);
    if (version === layout.schemaVersion && isOfDefinition) {
      checkLayout(opened, layout);
      return foldLog(opened);
    }
    const isOfOthers = version === 0 && schemaOf(opened).length > 0;
    if (isOfOthers) throw new DamagedStateError('it has tables that are not of this program');
    opened.close();
    if (version === layout.schemaVersion) onDiscard(`${file} was made for another definition`);
    else if (version !== 0) onDiscard(`${file} has layout ${version} instead of ${layout.schemaVersion}`);
    for (const suffix of SUFFIXES) fs.rmSync(file + suffix, { force: true });
  } catch (error) {
    opened?.close();
    if (!isDamage(error) && !isInTheWay(error, file)) throw error;
    const aside = setAside(file, now);
    onDiscard(`${file}: ${error.message}; set aside as ${path.basename(aside)}`);
  }
  return undefined;
}

/** A checksum of the definition, as the 32-bit number that SQLite keeps in the file's header. */
const definitionId = ({ definition }: StateFileLayout): number =>
  definition === undefined ? 0 : crc32(definition) | 0;

/**
 * SQLite opens a file for reading only when it, or the index of its log, cannot be opened to write. The first write fails
 * then.
 */
function ensureWritable(file: string): void {
  for (const each of SUFFIXES.map((suffix) => file + suffix)) {
    if (fs.existsSync(each)) fs.closeSync(fs.openSync(each, fs.constants.O_RDWR | fs.constants.O_NONBLOCK));
  }
}

function make(file: string, layout: StateFileLayout): StateFile {
  const made = open(file);
  try {
    made.transaction(() => {
      made.exec(layout.schema);
      made.pragma(`user_version = ${layout.schemaVersion}`);
      made.pragma(`application_id = ${definitionId(layout)}`);
    })();
    return made;
  } catch (error) {
    made.close();
    throw error;
  }
}

/**
 * Writes the log into the file. Until the first time, the header in the file has neither the text encoding nor
 * `user_version`: when SQLite adds them later, `watchStateFile` would take that for damage.
 */
function foldLog(db: StateFile): StateFile {
  db.pragma('wal_checkpoint(PASSIVE)');
  return db;
}

/** @throws DamagedStateError when the tables and indexes are others than the layout's */
function checkLayout(db: StateFile, layout: StateFileLayout): void {
  const model = new Database(':memory:');
  try {
    model.exec(layout.schema);
    if (schemaOf(db).join('\n') !== schemaOf(model).join('\n')) {
      throw new DamagedStateError('its tables are not those of this program');
    }
  } finally {
    model.close();
  }
}

/** What is in a database: its tables and indexes as they were made, without comments and line ends. */
const schemaOf = (db: StateFile): string[] =>
  db
    .prepare<[], { name: string; sql: string | null }>(
      'SELECT name, sql FROM sqlite_schema ORDER BY type, name',
    )
    .all()
    .filter(({ name }) => !name.startsWith('sqlite_'))
    .map(({ sql }) => (sql ?? '').replace(/--.*$/gm, '').replace(/\s+/g, ' '));

/**
 * Reads a whole state file and checks its structure; takes seconds for a large one. Changed values are not noticed.
 *
 * @throws DamagedStateError, or SQLite's error when the file cannot be read
 */
export function checkStructure(file: string): void {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const found = db.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw new DamagedStateError(String(found));
  } finally {
    db.close();
  }
}

/** Bytes; SQLite takes no more. */
const MAX_MAPPED = 2 ** 31 - 2 ** 16;

/**
 * Opens a state file that somebody else writes. It is mapped into memory, which saves a system call and a copy for every
 * page that is not at hand: the memory is the system's, which takes it back when it needs it.
 */
export function openForReading(file: string): StateFile {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  database.pragma(`mmap_size = ${MAX_MAPPED}`);
  return database;
}

/**
 * Opens a state file to write it, as it is: other connections may have it open, so nothing is discarded.
 *
 * @throws Error of SQLite, also when there is no file
 */
export function openForWriting(file: string): StateFile {
  if (!fs.existsSync(file)) throw new DamagedStateError('the file is gone');
  return open(file);
}

/** Bytes. */
const LOG_STAYS = 16 * 1024 * 1024;

function open(file: string): StateFile {
  const database = new Database(file);
  try {
    database.pragma('journal_mode = WAL');
    // In WAL mode a crash of the machine may cost the last commits, never the file; they are made again.
    database.pragma('synchronous = NORMAL');
    // The log grows with the largest transaction; afterwards it need not stay that large.
    database.pragma(`journal_size_limit = ${LOG_STAYS}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
