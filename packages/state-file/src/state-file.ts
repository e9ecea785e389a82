import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import Database from 'better-sqlite3';
import { DATABASE_SUFFIXES, DamagedStateError, isDamage, setAside } from './damage.ts';
import { ensureFolder } from './ensure-folder.ts';
import { ensureSameFile, type FileIdentity } from './file-identity.ts';
import { asUnusable, isObstructed } from './unusable.ts';

export type StateFile = Database.Database;

/** The tables of a state file. */
export interface StateFileLayout {
  /** Statements that create the tables. They run once, on an empty file. */
  schema: string;
  /** Rises with every change of `schema`. */
  schemaVersion: number;
  /** The definition of the data in the file, as text. A file that was created for another definition is removed. */
  definition?: string;
}

/**
 * Opens a SQLite file whose content can be created again, or creates it. A file of another schema version or definition is
 * removed. A file that is damaged, has other tables, or cannot be opened is set aside. The file is in WAL mode: readers on other
 * connections see the last commit and never wait.
 *
 * @param onDiscard called with the reason when an existing file is discarded
 * @param now ms since 1970 UTC, for the name of a file that is set aside
 * @throws UnusableStateError when the folder or its disk does not allow it
 */
export function openStateFile(
  file: string,
  layout: StateFileLayout,
  onDiscard: (why: string) => void,
  now: number = Date.now(),
): StateFile {
  try {
    ensureFolder(path.dirname(file));
    return openExisting(file, layout, onDiscard, now) ?? checkpointLog(create(file, layout));
  } catch (error) {
    throw asUnusable(error, file);
  }
}

/** @returns undefined when the file does not exist, or was discarded */
function openExisting(
  file: string,
  layout: StateFileLayout,
  onDiscard: (why: string) => void,
  now: number,
): StateFile | undefined {
  // A broken link counts as a file.
  const exists = (name: string) => fs.lstatSync(name, { throwIfNoEntry: false }) !== undefined;
  if (!DATABASE_SUFFIXES.some((suffix) => exists(file + suffix))) return undefined;
  let opened: StateFile | undefined;
  try {
    ensureWritable(file);
    opened = open(file);
    const version = opened.pragma('user_version', { simple: true });
    const isOfDefinition = opened.pragma('application_id', { simple: true }) === definitionId(layout);
    if (version === layout.schemaVersion && isOfDefinition) {
      checkLayout(opened, layout);
      return checkpointLog(opened);
    }
    const isForeign = version === 0 && schemaOf(opened).length > 0;
    if (isForeign) throw new DamagedStateError('it has tables of another program');
    opened.close();
    if (version === layout.schemaVersion) onDiscard(`${file} was created for another definition`);
    else if (version !== 0) onDiscard(`${file} has layout ${version} instead of ${layout.schemaVersion}`);
    for (const suffix of DATABASE_SUFFIXES) fs.rmSync(file + suffix, { force: true });
  } catch (error) {
    opened?.close();
    if (!isDamage(error) && !isObstructed(error, file)) throw error;
    const aside = setAside(file, now);
    onDiscard(`${file}: ${error.message}; set aside as ${path.basename(aside)}`);
  }
  return undefined;
}

/** A checksum of the definition, as the 32-bit number that SQLite keeps in the file's header. */
const definitionId = ({ definition }: StateFileLayout): number =>
  definition === undefined ? 0 : crc32(definition) | 0;

/**
 * Fails when the file cannot be written. SQLite would open it for reading only, and the first write would fail.
 */
function ensureWritable(file: string): void {
  for (const each of DATABASE_SUFFIXES.map((suffix) => file + suffix)) {
    if (fs.existsSync(each)) fs.closeSync(fs.openSync(each, fs.constants.O_RDWR | fs.constants.O_NONBLOCK));
  }
}

function create(file: string, layout: StateFileLayout): StateFile {
  const created = open(file);
  try {
    created.transaction(() => {
      created.exec(layout.schema);
      created.pragma(`user_version = ${layout.schemaVersion}`);
      created.pragma(`application_id = ${definitionId(layout)}`);
    })();
    return created;
  } catch (error) {
    created.close();
    throw error;
  }
}

/**
 * Writes the write-ahead log into the file. The header of a new file has no text encoding and no `user_version` until then;
 * `watchStateFile` would take a later change of them for damage.
 */
function checkpointLog(db: StateFile): StateFile {
  db.pragma('wal_checkpoint(PASSIVE)');
  return db;
}

/** @throws DamagedStateError when the tables and indexes differ from the layout's */
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

/** The statements of a database's tables and indexes, without comments and line breaks. */
const schemaOf = (db: StateFile): string[] =>
  db
    .prepare<[], { name: string; sql: string | null }>(
      'SELECT name, sql FROM sqlite_schema ORDER BY type, name',
    )
    .all()
    .filter(({ name }) => !name.startsWith('sqlite_'))
    .map(({ sql }) => (sql ?? '').replace(/--.*$/gm, '').replace(/\s+/g, ' '));

/**
 * Reads a whole state file and checks its structure. Takes seconds for a large file. Does not notice changed values.
 *
 * @param expected the file that other connections have open
 * @throws DamagedStateError, or SQLite's error when the file cannot be read
 */
export function checkStructure(file: string, expected: FileIdentity): void {
  ensureSameFile(file, expected);
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const found = db.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw new DamagedStateError(String(found));
  } finally {
    db.close();
  }
}

/** The most that SQLite maps, bytes. */
const MAX_MAPPED_BYTES = 2 ** 31 - 2 ** 16;

/**
 * Opens a state file that another connection writes, for reading. The file is mapped into memory, which saves a system call and
 * a copy for every page outside the cache. The system reclaims that memory when it needs it.
 *
 * @param expected the file that other connections have open
 * @throws DamagedStateError when another file took its place; Error of SQLite
 */
export function openForReading(file: string, expected?: FileIdentity): StateFile {
  if (expected) ensureSameFile(file, expected);
  const database = new Database(file, { readonly: true, fileMustExist: true });
  database.pragma(`mmap_size = ${MAX_MAPPED_BYTES}`);
  return database;
}

/**
 * Opens an existing state file for writing. Other connections may have it open, so nothing is discarded.
 *
 * @param expected the file that other connections have open
 * @throws DamagedStateError when it was removed or replaced; Error of SQLite
 */
export function openForWriting(file: string, expected: FileIdentity): StateFile {
  ensureSameFile(file, expected);
  return open(file);
}

/** Size to which SQLite truncates the write-ahead log, bytes. */
const MAX_IDLE_LOG_BYTES = 16 * 1024 * 1024;

function open(file: string): StateFile {
  const database = new Database(file);
  try {
    database.pragma('journal_mode = WAL');
    // In WAL mode a crash of the machine may lose the last commits, never the file. They are repeated then.
    database.pragma('synchronous = NORMAL');
    // The log grows with the largest transaction, and would keep that size.
    database.pragma(`journal_size_limit = ${MAX_IDLE_LOG_BYTES}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
