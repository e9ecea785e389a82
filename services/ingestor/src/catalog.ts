import { compareBytes } from '@landfall/contracts/byte-order';
import type { UserChange } from '@landfall/contracts/data-set-csv';
import type { Reject } from '@landfall/contracts/reject';
import { openStateFile } from '@landfall/state-file/state-file';
import { CATALOG_LAYOUT } from './catalog-layout.ts';
import { openDue } from './due.ts';
import { openKeptObjects } from './kept-objects.ts';
import { type KeptUser, openKeptUsers } from './kept-users.ts';
import type { SourceObject } from './match.ts';
import type { RecordValues } from './parse.ts';
import { openPublication } from './publication.ts';

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
  /** How many images there were without a record. */
  orphanImages: number;
}

/** Users who are looked at together. */
export interface DueStep {
  /** For `dropDue`, and to ask for the next ones. */
  batch: number;
  /** How many were noted as due: somebody may be among them twice. */
  due: number;
  /** In byte order of their ids. */
  users: DueUser[];
}

/** Rows that are read at a time: between two reads other work gets its turn. */
const PAGE = 2_000;

/** The log may have so many pages of 4 KiB before it is copied into the file. */
const WAL_PAGES = 16_384;

type RejectRow = Omit<KeptReject, 'kept_previous' | 'values'> & {
  kept_previous: 0 | 1;
  first_name: string | null;
  last_name: string | null;
  birthts: number | null;
};

export type Catalog = ReturnType<typeof openCatalog>;

/**
 * What the ingestor remembers: the objects of the source bucket, the users and rejects that came of them, and
 * whether they are published. Everything in it can be made again from the two buckets.
 */
export function openCatalog(file: string, onDiscard: (why: string) => void) {
  const db = openStateFile(file, CATALOG_LAYOUT, onDiscard);
  // What a first run writes is copied into the file seldom, and not every page many times.
  db.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
  const objects = openKeptObjects(db);
  const users = openKeptUsers(db);
  const due = openDue(db);

  // Of a million new users nothing is known yet: one look at a stretch spares one at each of its users.
  const isAny = (table: string) => {
    const one = db.prepare<[string, string]>(`SELECT 1 FROM ${table} WHERE user_id BETWEEN ? AND ? LIMIT 1`);
    return (first: string, last: string) => one.get(first, last) !== undefined;
  };
  const [isAnyInFolders, isAnyReject] = [isAny('objects_in_folders'), isAny('rejects')];
  const isAnyOrphan = isAny('orphans');
  const rejectsOfUser = db.prepare<[string], RejectRow>('SELECT * FROM rejects WHERE user_id = ?');
  const rejectedUsers = db.prepare<[], string>('SELECT DISTINCT user_id FROM rejects').pluck();
  const bornUsers = db
    .prepare<[number], string>(
      "SELECT DISTINCT user_id FROM rejects WHERE reason = 'birthts_in_future' AND birthts <= ?",
    )
    .pluck();

  const putReject = db.prepare(
    `INSERT OR REPLACE INTO rejects VALUES
     (@key, @user_id, @reason, @detail, @since, @kept_previous, @etag, @size, @first_name, @last_name, @birthts)`,
  );
  const dropReject = db.prepare<[string]>('DELETE FROM rejects WHERE key = ?');
  const changedAfter = db
    .prepare<[string, number], string>(
      'SELECT user_id FROM changed WHERE user_id > ? ORDER BY user_id LIMIT ?',
    )
    .pluck();
  const rejectsAfter = db.prepare<[string, number], RejectRow>(
    'SELECT * FROM rejects WHERE key > ? ORDER BY key LIMIT ?',
  );
  const orphan = db.prepare<[string], number>('SELECT images FROM orphans WHERE user_id = ?').pluck();
  const putOrphan = db.prepare<[string, number]>('INSERT OR REPLACE INTO orphans VALUES (?, ?)');
  const dropOrphan = db.prepare<[string]>('DELETE FROM orphans WHERE user_id = ?');
  const count = (sql: string) => {
    const statement = db.prepare<[], number>(sql).pluck();
    return () => statement.get() ?? 0;
  };

  function makeDue(userIds: Iterable<string>): void {
    const writer = due.dueWriter();
    for (const userId of userIds) writer.add(userId);
    writer.flush();
  }

  return {
    ...openPublication(db),
    ...objects,
    ...users,
    ...due,

    /** Every user there is, or anything is wrong with, is to be looked at. */
    makeAllDue(): void {
      makeDue(users.userIds());
      makeDue(rejectedUsers.all());
    },
    /** Those whose birth was yet to come and is past by `now` (ms since 1970 UTC) are to be looked at. */
    makeBornDue: (now: number): void => makeDue(bornUsers.all(now)),
    /**
     * The next users to be looked at; undefined at the end.
     *
     * @param after the batch of the step before, 0 at first
     */
    dueStep(after: number): DueStep | undefined {
      const found = due.dueAfter(after);
      if (!found) return undefined;
      const ids = found.userIds.sort(compareBytes);
      const [first, last] = [ids[0] ?? '', ids.at(-1) ?? ''];
      const [hasFolders, hasRejects, hasOrphans] = [
        isAnyInFolders(first, last),
        isAnyReject(first, last),
        isAnyOrphan(first, last),
      ];
      const looked = ids.map((userId) => {
        const named = objects.objectsNamed(userId);
        return {
          userId,
          objects: hasFolders ? named.concat(objects.objectsInFolders(userId)) : named,
          user: users.user(userId),
          rejects: hasRejects ? rejectsOfUser.all(userId).map(asReject) : [],
          orphanImages: hasOrphans ? (orphan.get(userId) ?? 0) : 0,
        };
      });
      return { batch: found.batch, due: ids.length, users: looked };
    },

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
    rejects: () => pages((last?: RejectRow) => rejectsAfter.all(last?.key ?? '', PAGE), asReject),

    /** @param images how many the user has without a record; 0 for one who is no orphan any more */
    setOrphan: (userId: string, images: number) =>
      images > 0 ? putOrphan.run(userId, images) : dropOrphan.run(userId),
    orphanImages: count('SELECT coalesce(sum(images), 0) FROM orphans'),

    /** Users whose rows are otherwise than they were published, in UTF-8 byte order of the user_id. */
    changed: (): AsyncIterable<readonly UserChange[]> =>
      pages((last?: string) => changedAfter.all(last ?? '', PAGE), users.userChange),
    changedCount: count('SELECT count(*) FROM changed'),

    /** Forgets users and rejects, and how they came to be. */
    forget(): void {
      users.forgetUsers();
      db.exec('DELETE FROM rejects; DELETE FROM orphans; DELETE FROM changed');
    },

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
        objects.letGoOfObjects();
        users.letGoOfUsers();
        throw error;
      }
    },
    close: () => db.close(),
  };
}

function asReject({ first_name, last_name, birthts, kept_previous, ...row }: RejectRow): KeptReject {
  const says = first_name !== null && last_name !== null && birthts !== null;
  return {
    ...row,
    kept_previous: kept_previous === 1,
    values: says ? { first_name, last_name, birthts } : null,
  };
}

/** Rows in their order, a page at a time, so that the connection is free in between. */
async function* pages<Row, As>(
  pageAfter: (last: Row | undefined) => Row[],
  as: (row: Row) => As,
): AsyncIterable<readonly As[]> {
  let last: Row | undefined;
  for (;;) {
    const page = pageAfter(last);
    if (page.length > 0) yield page.map(as);
    last = page.at(-1);
    if (page.length < PAGE) return;
    await new Promise(setImmediate);
  }
}
