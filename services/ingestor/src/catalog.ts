import type { UserChange } from '@landfall/contracts/data-set-csv';
import type { Reject } from '@landfall/contracts/reject';
import type { User } from '@landfall/contracts/user';
import { bulkInsert } from '@landfall/state-file/bulk-insert';
import { openStateFile } from '@landfall/state-file/state-file';
import { CATALOG_LAYOUT } from './catalog-layout.ts';
import type { SourceObject } from './match.ts';
import type { RecordValues } from './parse.ts';
import { openPublication } from './publication.ts';

/** A user's row, and what it was read from (`recordVersion`); null where that is not known. */
export interface KeptUser extends User {
  record: string | null;
}

/** A version of a record object, as one text. */
export const recordVersion = ({ key, etag, size }: SourceObject): string => `${etag} ${size} ${key}`;

/** What is wrong with an object, and the version of it that was read; null where it was not. */
export interface KeptReject extends Reject {
  etag: string | null;
  size: number | null;
  /** What it says, where it could be right at another time. */
  values: RecordValues | null;
}

/** All that is known of a user whose objects have changed. */
export interface DueUser {
  userId: string;
  /** As the bucket has them now. Objects of other users may be among them. */
  objects: SourceObject[];
  user: KeptUser | undefined;
  rejects: KeptReject[];
}

/** Rows that are read at a time: between two reads other work gets its turn. */
const PAGE = 2_000;

/** The log may have so many pages of 4 KiB before it is copied into the file. */
const WAL_PAGES = 16_384;

/** In SQLite every text is less than any blob. */
const BEYOND_TEXT = Buffer.alloc(0);

type ObjectRow = [key: string, etag: string, size: number];
type RejectRow = Omit<KeptReject, 'kept_previous' | 'values'> & {
  kept_previous: 0 | 1;
  first_name: string | null;
  last_name: string | null;
  birthts: number | null;
};
/** A user who has changed; all is null of one who is gone, else the image at most. */
type ChangedRow = { user_id: string; first_name: string | null; last_name: string; birthts: number } & Pick<
  User,
  'img_path'
>;
type Range = [after: string, upTo: string];

export type Catalog = ReturnType<typeof openCatalog>;

/**
 * What the ingestor remembers: the objects of the source bucket, the users and rejects that came of them, and
 * whether they are published. Everything in it can be made again from the two buckets.
 */
export function openCatalog(file: string, onDiscard: (why: string) => void) {
  const db = openStateFile(file, CATALOG_LAYOUT, onDiscard);
  // What a first run writes is copied into the file seldom, and not every page many times.
  db.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);

  const objectsAfter = db
    .prepare<[string, number], ObjectRow>(
      'SELECT key, etag, size FROM objects WHERE key > ? ORDER BY key LIMIT ?',
    )
    .raw();
  const objectRows = bulkInsert(db, 'INSERT OR REPLACE INTO objects', 4);
  const dueRows = bulkInsert(db, 'INSERT OR IGNORE INTO due', 1);
  const userRows = bulkInsert(db, 'INSERT OR REPLACE INTO users', 6);
  const object = db.prepare<[string], SourceObject>('SELECT key, etag, size FROM objects WHERE key = ?');
  const dropObject = db.prepare<[string]>('DELETE FROM objects WHERE key = ?');

  const dueAfter = db
    .prepare<[string, number], string>('SELECT user_id FROM due WHERE user_id > ? ORDER BY user_id LIMIT ?')
    .pluck();
  const inRange = 'WHERE d.user_id > ? AND d.user_id <= ? ORDER BY d.user_id';
  const dueObjects = db
    .prepare<Range, [string, ...ObjectRow]>(
      `SELECT d.user_id, o.key, o.etag, o.size FROM due d CROSS JOIN objects o
       ON o.key > d.user_id || '.' AND o.key < d.user_id || '/' AND o.user_id IS NULL ${inRange}`,
    )
    .raw();
  const dueObjectsInFolders = db
    .prepare<Range, [string, ...ObjectRow]>(
      `SELECT d.user_id, o.key, o.etag, o.size FROM due d CROSS JOIN objects o INDEXED BY objects_in_folders
       ON o.user_id = d.user_id ${inRange}`,
    )
    .raw();
  const dueUserRows = db.prepare<Range, KeptUser>(
    `SELECT u.* FROM due d CROSS JOIN users u ON u.user_id = d.user_id ${inRange}`,
  );
  const dueRejects = db.prepare<Range, RejectRow>(
    `SELECT r.* FROM due d CROSS JOIN rejects r ON r.user_id = d.user_id ${inRange}`,
  );
  // Of a million new users nothing is known yet: one look at a stretch spares one at each of its users.
  const isAny = (table: string) => {
    const one = db.prepare<Range>(`SELECT 1 FROM ${table} WHERE user_id > ? AND user_id <= ? LIMIT 1`);
    return (range: Range) => one.get(...range) !== undefined;
  };
  const [isAnyInFolders, isAnyUser] = [isAny('objects INDEXED BY objects_in_folders'), isAny('users')];
  const [isAnyReject, isAnyOrphan] = [isAny('rejects'), isAny('orphans')];
  const dropDue = db.prepare<Range>('DELETE FROM due WHERE user_id > ? AND user_id <= ?');
  const dropDueOrphans = db.prepare<Range>(
    'DELETE FROM orphans WHERE user_id IN (SELECT d.user_id FROM due d WHERE d.user_id > ? AND d.user_id <= ?)',
  );
  const makeDue = db.prepare(
    'INSERT OR IGNORE INTO due SELECT user_id FROM users UNION SELECT user_id FROM rejects',
  );
  const makeBornDue = db.prepare<[number]>(
    "INSERT OR IGNORE INTO due SELECT user_id FROM rejects WHERE reason = 'birthts_in_future' AND birthts <= ?",
  );

  const dropUser = db.prepare<[string]>('DELETE FROM users WHERE user_id = ?');
  const usersWhere = (bound: string) =>
    db.prepare<[string, string | Buffer, number], User>(
      `SELECT user_id, first_name, last_name, birthts, img_path FROM users
       WHERE ${bound} AND user_id < ? ORDER BY user_id LIMIT ?`,
    );
  const usersFrom = usersWhere('user_id >= ?');
  const usersAfter = usersWhere('user_id > ?');
  const putReject = db.prepare(
    `INSERT OR REPLACE INTO rejects VALUES
     (@key, @user_id, @reason, @detail, @since, @kept_previous, @etag, @size, @first_name, @last_name, @birthts)`,
  );
  const dropReject = db.prepare<[string]>('DELETE FROM rejects WHERE key = ?');
  const changedAfter = db.prepare<[string, number], ChangedRow>(
    `SELECT c.user_id, u.first_name, u.last_name, u.birthts, u.img_path
     FROM changed c LEFT JOIN users u ON u.user_id = c.user_id
     WHERE c.user_id > ? ORDER BY c.user_id LIMIT ?`,
  );
  const rejectsAfter = db.prepare<[string, number], RejectRow>(
    'SELECT * FROM rejects WHERE key > ? ORDER BY key LIMIT ?',
  );
  const putOrphan = db.prepare<[string, number]>('INSERT OR REPLACE INTO orphans VALUES (?, ?)');
  const count = (sql: string) => {
    const statement = db.prepare<[], number>(sql).pluck();
    return () => statement.get() ?? 0;
  };

  return {
    ...openPublication(db),

    /** One object after the other, in byte order of the keys. */
    objects(): () => SourceObject | undefined {
      let page: ObjectRow[] = [];
      let at = 0;
      let isLast = false;
      return () => {
        if (at === page.length) {
          if (isLast) return undefined;
          page = objectsAfter.all(page.at(-1)?.[0] ?? '', PAGE);
          isLast = page.length < PAGE;
          at = 0;
        }
        const row = page[at++];
        return row && { key: row[0], etag: row[1], size: row[2] };
      };
    },
    object: (key: string): SourceObject | undefined => object.get(key),
    dropObject: (key: string) => dropObject.run(key),
    /** Writes objects as they are seen, and whose users are to be looked at. */
    objectWriter() {
      const [objects, due] = [objectRows(), dueRows()];
      let lastDue: string | undefined;
      return {
        put({ key, etag, size }: SourceObject, userId: string): void {
          objects.add(key, key.includes('/') ? userId : null, etag, size);
        },
        due(userId: string): void {
          // A user's objects come together mostly.
          if (userId !== lastDue) due.add(userId);
          lastDue = userId;
        },
        flush(): void {
          objects.flush();
          due.flush();
        },
      };
    },

    /** Every user there is, or anything is wrong with, is to be looked at. */
    makeAllDue: () => makeDue.run(),
    /** Those whose birth was yet to come and is past by `now` (ms since 1970 UTC) are to be looked at. */
    makeBornDue: (now: number) => makeBornDue.run(now),
    dueCount: count('SELECT count(*) FROM due'),
    /** The next users to be looked at, in byte order of their ids. */
    dueUsers(after: string, limit: number): DueUser[] {
      const ids = dueAfter.all(after, limit);
      const range: Range = [after, ids.at(-1) ?? after];
      const objects = byUser(dueObjects.all(...range), ([userId]) => userId);
      const inFolders = byUser(
        isAnyInFolders(range) ? dueObjectsInFolders.all(...range) : [],
        ([userId]) => userId,
      );
      const users = byUser(isAnyUser(range) ? dueUserRows.all(...range) : [], (row) => row.user_id);
      const rejects = byUser(isAnyReject(range) ? dueRejects.all(...range) : [], (row) => row.user_id);
      return ids.map((userId) => ({
        userId,
        objects: objects(userId).concat(inFolders(userId)).map(asObject),
        user: users(userId)[0],
        rejects: rejects(userId).map(asReject),
      }));
    },
    /** All of these have been looked at. */
    dropDue(after: string, upTo: string): void {
      if (isAnyOrphan([after, upTo])) dropDueOrphans.run(after, upTo);
      dropDue.run(after, upTo);
    },

    /** Writes users; none is written for certain before `flush`. */
    userWriter() {
      const users = userRows();
      return {
        put: (u: KeptUser) =>
          users.add(u.user_id, u.first_name, u.last_name, u.birthts, u.img_path, u.record),
        flush: () => users.flush(),
      };
    },
    dropUser: (userId: string) => dropUser.run(userId),
    /**
     * In UTF-8 byte order of the user_id, which is SQLite's own order of text.
     *
     * @param before the first one that is not wanted any more
     */
    users: (from: string, before: string | undefined) =>
      pages('user_id', (after) =>
        after === undefined
          ? usersFrom.all(from, before ?? BEYOND_TEXT, PAGE)
          : usersAfter.all(after, before ?? BEYOND_TEXT, PAGE),
      ),

    putReject({ values, ...reject }: KeptReject): void {
      const { first_name = null, last_name = null, birthts = null } = values ?? {};
      putReject.run({
        ...reject,
        kept_previous: reject.kept_previous ? 1 : 0,
        first_name,
        last_name,
        birthts,
      });
    },
    dropReject: (key: string) => dropReject.run(key),
    rejectCount: count('SELECT count(*) FROM rejects'),
    /** In UTF-8 byte order of the key. */
    rejects: () => pages('key', (after = '') => rejectsAfter.all(after, PAGE).map(asReject)),

    putOrphan: (userId: string, images: number) => putOrphan.run(userId, images),
    orphanImages: count('SELECT coalesce(sum(images), 0) FROM orphans'),

    /** Users whose rows are otherwise than they were published, in UTF-8 byte order of the user_id. */
    changed: () => pages('user_id', (after = '') => changedAfter.all(after, PAGE).map(asUserChange)),
    changedCount: count('SELECT count(*) FROM changed'),

    /** Forgets users and rejects, and how they came to be. */
    forget: () =>
      db.exec(
        'DELETE FROM users; DELETE FROM rejects; DELETE FROM orphans; DELETE FROM stretches; DELETE FROM changed',
      ),

    /** All that `work` changes becomes lasting together, or not at all. */
    async transaction<T>(work: () => T | Promise<T>): Promise<T> {
      db.exec('BEGIN IMMEDIATE');
      try {
        const result = await work();
        db.exec('COMMIT');
        return result;
      } catch (error) {
        // Some errors, a full disk for one, have rolled it back already.
        if (db.inTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => db.close(),
  };
}

const asObject = ([, key, etag, size]: [string, ...ObjectRow]): SourceObject => ({ key, etag, size });

function asUserChange({ first_name, ...row }: ChangedRow): UserChange {
  const { user_id, last_name, birthts, img_path } = row;
  if (first_name === null) return { user_id, user: undefined };
  return { user_id, user: { user_id, first_name, last_name, birthts, img_path } };
}

function asReject({ first_name, last_name, birthts, kept_previous, ...row }: RejectRow): KeptReject {
  const says = first_name !== null && last_name !== null && birthts !== null;
  return {
    ...row,
    kept_previous: kept_previous === 1,
    values: says ? { first_name, last_name, birthts } : null,
  };
}

/** Rows that are in the order of their users are taken user by user, in that order. */
function byUser<Row>(rows: readonly Row[], userOf: (row: Row) => string): (userId: string) => Row[] {
  let at = 0;
  return (userId) => {
    const start = at;
    for (let row = rows[at]; row !== undefined && userOf(row) === userId; row = rows[at]) at++;
    return rows.slice(start, at);
  };
}

/** Rows in the order of `column`, a page at a time, so that the connection is free in between. */
async function* pages<Column extends string, Row extends Record<Column, string>>(
  column: Column,
  pageAfter: (after: string | undefined) => Row[],
): AsyncIterable<readonly Row[]> {
  let after: string | undefined;
  for (;;) {
    const page = pageAfter(after);
    if (page.length > 0) yield page;
    after = page.at(-1)?.[column];
    if (page.length < PAGE) return;
    await new Promise(setImmediate);
  }
}
