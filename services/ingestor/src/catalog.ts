import { type Manifest, parseManifest } from '@landfall/contracts/manifest';
import type { Reject, RejectReason } from '@landfall/contracts/reject';
import type { RunCounts } from '@landfall/contracts/run';
import type { User } from '@landfall/contracts/user';
import { openStateFile } from '@landfall/state-file/state-file';
import { CATALOG_LAYOUT } from './catalog-layout.ts';
import type { RecordObject } from './match.ts';
import { isFault, type Reading } from './parse.ts';

/** A record object that was read: the version that was, and what it said. */
export interface ReadRecord extends RecordObject {
  reading: Reading;
}

/** The catalog's memory of what is published. */
export interface Publication {
  /** What was published last; undefined when nothing was. */
  manifest: Manifest | undefined;
  /** The counts of the run that did it; undefined when another ingestor, or one before, did. */
  counts: RunCounts | undefined;
  /** Whether users or rejects have changed since. */
  dirty: boolean;
}

/** Rows that are read at a time: between two reads other work gets its turn. */
const PAGE = 2_000;

interface RecordRow {
  etag: string;
  size: number;
  first_name: string | null;
  last_name: string | null;
  birthts: number | null;
  reason: RejectReason | null;
  detail: string | null;
}

export type Catalog = ReturnType<typeof openCatalog>;

/**
 * What the ingestor remembers: each record object it read, with what it said; the users and rejects that came
 * of it; and whether they are published. Everything in it can be made again from the two buckets.
 */
export function openCatalog(file: string, onDiscard: (why: string) => void) {
  const db = openStateFile(file, CATALOG_LAYOUT, onDiscard);

  const record = db.prepare<[string], RecordRow>('SELECT * FROM record_objects WHERE key = ?');
  const putRecord = db.prepare(
    'INSERT OR REPLACE INTO record_objects VALUES (@key, @etag, @size, @first_name, @last_name, @birthts, @reason, @detail)',
  );
  const keysAfter = db.prepare<[string, number], { key: string }>(
    'SELECT key FROM record_objects WHERE key > ? ORDER BY key LIMIT ?',
  );
  const dropRecord = db.prepare<[string]>('DELETE FROM record_objects WHERE key = ?');
  const user = db.prepare<[string], User>('SELECT * FROM users WHERE user_id = ?');
  const putUser = db.prepare(
    'INSERT OR REPLACE INTO users VALUES (@user_id, @first_name, @last_name, @birthts, @img_path)',
  );
  const usersAfter = db.prepare<[string, number], User>(
    'SELECT * FROM users WHERE user_id > ? ORDER BY user_id LIMIT ?',
  );
  const dropUser = db.prepare<[string]>('DELETE FROM users WHERE user_id = ?');
  const rejectsAfter = db.prepare<[string, number], Omit<Reject, 'kept_previous'> & { kept_previous: 0 | 1 }>(
    'SELECT * FROM rejects WHERE key > ? ORDER BY key LIMIT ?',
  );
  const putReject = db.prepare(
    'INSERT OR REPLACE INTO rejects VALUES (@key, @user_id, @reason, @detail, @since, @kept_previous)',
  );
  const rejectOf = db.prepare<[string], Omit<Reject, 'kept_previous'> & { kept_previous: 0 | 1 }>(
    'SELECT * FROM rejects WHERE key = ?',
  );
  const dropReject = db.prepare<[string]>('DELETE FROM rejects WHERE key = ?');
  const publication = db.prepare<[], { manifest: string | null; counts: string | null; dirty: 0 | 1 }>(
    'SELECT manifest, counts, dirty FROM publication',
  );
  const setPublished = db.prepare('UPDATE publication SET manifest = ?, counts = ?, dirty = 0');
  const setDirty = db.prepare('UPDATE publication SET dirty = 1');

  const asReject = (row: Omit<Reject, 'kept_previous'> & { kept_previous: 0 | 1 }): Reject => ({
    ...row,
    kept_previous: row.kept_previous === 1,
  });

  return {
    /** What was read of a record object; undefined when this version of it was not. */
    reading({ key, etag, size }: RecordObject): Reading | undefined {
      const row = record.get(key);
      if (!row || row.etag !== etag || row.size !== size) return undefined;
      if (row.reason !== null) return { reason: row.reason, detail: row.detail ?? '' };
      return { first_name: row.first_name ?? '', last_name: row.last_name ?? '', birthts: row.birthts ?? 0 };
    },
    putRecord({ key, etag, size, reading }: ReadRecord): void {
      const values = isFault(reading)
        ? { first_name: null, last_name: null, birthts: null, ...reading }
        : { reason: null, detail: null, ...reading };
      putRecord.run({ key, etag, size, ...values });
    },
    recordKeys: () => pages((after) => keysAfter.all(after, PAGE), 'key'),
    dropRecord: (key: string) => dropRecord.run(key),

    user: (userId: string): User | undefined => user.get(userId),
    putUser: (row: User) => putUser.run(row),
    /** In UTF-8 byte order of the user_id, which is SQLite's own order of text. */
    users: () => pages((after) => usersAfter.all(after, PAGE), 'user_id'),
    dropUser: (userId: string) => dropUser.run(userId),

    reject(key: string): Reject | undefined {
      const row = rejectOf.get(key);
      return row && asReject(row);
    },
    putReject: (reject: Reject) => putReject.run({ ...reject, kept_previous: reject.kept_previous ? 1 : 0 }),
    /** In UTF-8 byte order of the key. */
    rejects: () => pages((after) => rejectsAfter.all(after, PAGE).map(asReject), 'key'),
    dropReject: (key: string) => dropReject.run(key),

    publication(): Publication {
      const row = publication.get();
      return {
        manifest: row?.manifest ? parseManifest(Buffer.from(row.manifest)) : undefined,
        counts: row?.counts ? JSON.parse(row.counts) : undefined,
        dirty: row?.dirty === 1,
      };
    },
    /** Users and rejects are now what this manifest stands for. */
    setPublished(manifest: Manifest, counts: RunCounts | undefined): void {
      setPublished.run(JSON.stringify(manifest), counts ? JSON.stringify(counts) : null);
    },
    setDirty: () => setDirty.run(),

    /** All that `work` changes becomes lasting together, or not at all. */
    async transaction<T>(work: () => Promise<T>): Promise<T> {
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

/** Rows in the order of `column`, a page at a time, so that the connection is free in between. */
async function* pages<Column extends string, Row extends Record<Column, string>>(
  pageAfter: (after: string) => Row[],
  column: Column,
): AsyncIterable<Row> {
  let after = '';
  for (;;) {
    const page = pageAfter(after);
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last[column];
    await new Promise(setImmediate);
  }
}
