import type { RowChange } from '@landfall/contracts/dataset/row-codec';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import { openStateFile, type StateFile } from '@landfall/state-file/state-file';
import { readSourceKey, writtenUserId } from '../source/source-key.ts';
import type { FaultyObject, SourceObject } from '../source/source-object.ts';
import { openListingSpool } from './listing-spool.ts';
import { openKeptFaults } from './object-faults.ts';
import { openKeptObjects } from './objects.ts';
import { openPublication } from './publish-state.ts';
import { type KeptReject, openKeptRejects } from './rejects.ts';
import { openLeaving } from './removal-candidates.ts';
import { type KeptUser, openKeptUsers } from './rows.ts';
import { CATALOG_LAYOUT } from './schema.ts';
import { PAGE, rowPages } from './storage/paged-query.ts';
import { openDue } from './work-queue.ts';

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

/** The log may have so many pages of 4 KiB before it is copied into the file. */
const WAL_PAGES = 16_384;

export type Catalog = ReturnType<typeof openCatalog>;

/**
 * What the ingestor remembers: the objects of the source bucket, the users and rejects that came of them, and
 * whether they are published. Everything in it can be made again from the two buckets.
 */
export function openCatalog(file: string, onDiscard: (why: string) => void) {
  const db = openStateFile(file, CATALOG_LAYOUT, onDiscard);
  try {
    return catalogOf(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

function catalogOf(db: StateFile) {
  // What a first run writes is copied into the file seldom, and not every page many times.
  db.pragma(`wal_autocheckpoint = ${WAL_PAGES}`);
  const objects = openKeptObjects(db);
  const users = openKeptUsers(db);
  const rejects = openKeptRejects(db);
  const faults = openKeptFaults(db);
  const due = openDue(db);
  const leaving = openLeaving(db);

  // Of a million new users nothing is known yet: one look at a stretch spares one at each of its users.
  const isAny = (table: string) => {
    const one = db.prepare<[string, string]>(`SELECT 1 FROM ${table} WHERE user_id BETWEEN ? AND ? LIMIT 1`);
    return (first: string, last: string) => one.get(first, last) !== undefined;
  };
  const [isAnyApart, isAnyReject] = [isAny('objects_by_user'), isAny('rejects')];
  const isAnyOrphan = isAny('orphans');
  const changedAfter = db
    .prepare<[string, number], string>(
      'SELECT user_id FROM changed WHERE user_id > ? ORDER BY user_id LIMIT ?',
    )
    .pluck();
  const unsettled = db.prepare<[], string>('SELECT user_id FROM unsettled').pluck();
  const putUnsettled = db.prepare<[string]>('INSERT OR IGNORE INTO unsettled VALUES (?)');
  const orphan = db.prepare<[string], number>('SELECT images FROM orphans WHERE user_id = ?').pluck();
  const putOrphan = db.prepare<[string, number]>('INSERT OR REPLACE INTO orphans VALUES (?, ?)');
  const dropOrphan = db.prepare<[string]>('DELETE FROM orphans WHERE user_id = ?');
  const orphanImages = db.prepare<[], number>('SELECT coalesce(sum(images), 0) FROM orphans').pluck();
  const isNew = db
    .prepare<[], 0 | 1>('SELECT NOT EXISTS (SELECT 1 FROM objects) AND NOT EXISTS (SELECT 1 FROM users)')
    .pluck();
  const changedCount = db.prepare<[], number>('SELECT count(*) FROM changed').pluck();

  /** Earlier versions kept ids as the keys have them: the last good version may be under such an id. */
  function formerRow(userId: string, found: readonly SourceObject[]): KeptUser | undefined {
    const other = found.find(({ key }) => isOtherForm(key, userId));
    return other && users.user(writtenUserId(other.key));
  }

  function makeDue(userIds: Iterable<string>): void {
    const writer = due.dueWriter();
    for (const userId of userIds) writer.add(userId);
    writer.flush();
  }

  return {
    ...openPublication(db),
    ...objects,
    ...users,
    ...rejects,
    ...faults,
    ...due,
    ...leaving,
    listingSpool: openListingSpool(db),

    /** Every user there is, or anything is wrong with, is to be looked at. */
    makeAllDue(): void {
      makeDue(users.userIds());
      makeDue(rejects.rejectedUsers());
    },
    /** Those whose birth was yet to come and is past by `now` (ms since 1970 UTC) are to be looked at. */
    makeBornDue: (now: number): void => makeDue(rejects.bornUsers(now)),
    /** Those whose objects could not be read are to be looked at again. */
    makeRetriedDue: (): void => makeDue(rejects.retriedUsers()),
    /** Those whose record was being written are to be looked at again. */
    makeUnsettledDue(): void {
      makeDue(unsettled.all());
      db.exec('DELETE FROM unsettled');
    },
    /** These users are to be looked at by a later run. */
    noteUnsettled(userIds: readonly string[]): void {
      for (const userId of userIds) putUnsettled.run(userId);
    },
    /** Record objects that could be read once, in different parts of the bucket. Some may be gone. */
    knownRecords: (): string[] => users.recordKeys(),
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
      const [hasApart, hasRejects, hasOrphans] = [
        isAnyApart(first, last),
        isAnyReject(first, last),
        isAnyOrphan(first, last),
      ];
      const looked = ids.map((userId) => {
        const found = hasApart ? objects.objectsOf(userId) : objects.objectsNamed(userId);
        const faulty = faults.faultsOf(userId);
        return {
          userId,
          objects: faulty.length > 0 ? withFaults(found, faulty) : found,
          user: users.user(userId) ?? (hasApart ? formerRow(userId, found) : undefined),
          rejects: hasRejects ? rejects.rejectsOf(userId) : [],
          orphanImages: hasOrphans ? (orphan.get(userId) ?? 0) : 0,
        };
      });
      return { batch: found.batch, due: ids.length, users: looked };
    },

    /** @param images how many the user has without a record; 0 for one who is no orphan any more */
    setOrphan: (userId: string, images: number) =>
      images > 0 ? putOrphan.run(userId, images) : dropOrphan.run(userId),
    orphanImages: () => orphanImages.get() ?? 0,

    /** Users whose rows are otherwise than they were published, in UTF-8 byte order of the user_id. */
    changed: (): AsyncIterable<readonly RowChange[]> =>
      rowPages((last?: string) => changedAfter.all(last ?? '', PAGE), users.userChange),
    changedCount: () => changedCount.get() ?? 0,

    /** Whether nothing was ever listed or restored into it. */
    isNew: (): boolean => isNew.get() === 1,
    /** Forgets the objects of the source bucket, the users and the rejects: everything is to be listed and read again. */
    forget(): void {
      objects.forgetObjects();
      users.forgetUsers();
      leaving.forgetLeaving(false);
      db.exec(`
        DELETE FROM object_faults; DELETE FROM unsettled; DELETE FROM due;
        DELETE FROM rejects; DELETE FROM orphans; DELETE FROM changed;
      `);
    },

    /** All that `work` changes becomes lasting together, or not at all. May be nested. */
    async transaction<T>(work: () => T | Promise<T>): Promise<T> {
      const isOuter = !db.inTransaction;
      db.exec(isOuter ? 'BEGIN IMMEDIATE' : 'SAVEPOINT nested');
      try {
        const result = await work();
        db.exec(isOuter ? 'COMMIT' : 'RELEASE nested');
        return result;
      } catch (error) {
        // Some errors, a full disk for one, have rolled it back already.
        if (db.inTransaction) db.exec(isOuter ? 'ROLLBACK' : 'ROLLBACK TO nested; RELEASE nested');
        objects.letGoOfObjects();
        users.letGoOfUsers();
        leaving.recountLeaving();
        throw error;
      }
    },
    close: () => db.close(),
  };
}

function isOtherForm(key: string, userId: string): boolean {
  const source = readSourceKey(key);
  return source.kind === 'record' && source.userId === userId && writtenUserId(key) !== userId;
}

function withFaults(objects: readonly SourceObject[], faulty: readonly FaultyObject[]): SourceObject[] {
  return objects.map((object) => faulty.find(({ key }) => key === object.key) ?? object);
}
