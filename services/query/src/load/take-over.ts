import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { readOutput, readRejects } from '@landfall/contracts/data-set-csv';
import type { Manifest } from '@landfall/contracts/manifest';
import type { StateFile } from '@landfall/state-file/state-file';
import { USER_INDEXES } from '../database-layout.ts';

/** A generation that was fetched: its manifest, and its two snapshots as local files. */
export interface Generation {
  manifest: Manifest;
  usersFile: string;
  rejectsFile: string;
}

/**
 * Replaces what the database holds by a generation, in one transaction: readers see the old one until it is
 * done. Rows that are the same are not touched.
 *
 * @throws Error when a file is not what the manifest says; then nothing has changed
 */
export async function takeOver(
  db: StateFile,
  { manifest, usersFile, rejectsFile }: Generation,
): Promise<void> {
  db.exec('BEGIN IMMEDIATE');
  try {
    const wasEmpty = db.prepare('SELECT 1 FROM users LIMIT 1').get() === undefined;
    if (wasEmpty) db.exec(USER_INDEXES.drop);
    await stageUsers(db, usersFile, manifest);
    db.exec(REPLACE_USERS);
    db.exec(USER_INDEXES.create);
    db.exec(COUNT_BIRTH_DAYS);
    await replaceRejects(db, rejectsFile, manifest);
    db.exec('DELETE FROM loaded');
    db.prepare('INSERT INTO loaded VALUES (?)').run(JSON.stringify(manifest));
    db.exec('COMMIT');
  } catch (error) {
    // Some errors, a full disk for one, have rolled it back already.
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

const STAGE = `
  CREATE TEMP TABLE incoming (
    user_id TEXT PRIMARY KEY, first_name TEXT, last_name TEXT, birthts INTEGER, img_path TEXT
  ) WITHOUT ROWID;
`;

const REPLACE_USERS = `
  DELETE FROM users WHERE NOT EXISTS (SELECT 1 FROM incoming WHERE incoming.user_id = users.user_id);
  INSERT INTO users SELECT * FROM incoming WHERE true
    ON CONFLICT (user_id) DO UPDATE SET
      (first_name, last_name, birthts, img_path)
        = (excluded.first_name, excluded.last_name, excluded.birthts, excluded.img_path)
    WHERE (first_name, last_name, birthts, img_path)
      IS NOT (excluded.first_name, excluded.last_name, excluded.birthts, excluded.img_path);
  DROP TABLE incoming;
`;

// SQLite divides towards zero, days before 1970 go the other way: take the remainder off first.
const COUNT_BIRTH_DAYS = `
  DELETE FROM birth_days;
  INSERT INTO birth_days
    SELECT (birthts - ((birthts % 86400000) + 86400000) % 86400000) / 86400000, img_path IS NOT NULL, count(*)
    FROM users GROUP BY 1, 2;
`;

async function stageUsers(db: StateFile, file: string, manifest: Manifest): Promise<void> {
  db.exec(STAGE);
  const insert = db.prepare(
    'INSERT INTO incoming VALUES (@user_id, @first_name, @last_name, @birthts, @img_path)',
  );
  const hash = createHash('sha256');
  let rows = 0;
  for await (const user of readOutput(hashed(fs.createReadStream(file), hash))) {
    insert.run(user);
    rows++;
  }
  expectSame('checksum', manifest.snapshot.key, hash.digest('hex'), manifest.version);
  expectSame('number of rows', manifest.snapshot.key, rows, manifest.rows);
}

async function replaceRejects(db: StateFile, file: string, manifest: Manifest): Promise<void> {
  db.exec('DELETE FROM rejects');
  const insert = db.prepare(
    'INSERT INTO rejects VALUES (@key, @user_id, @reason, @detail, @since, @kept_previous)',
  );
  let rows = 0;
  for await (const reject of readRejects(fs.createReadStream(file))) {
    insert.run({ ...reject, kept_previous: reject.kept_previous ? 1 : 0 });
    rows++;
  }
  expectSame('number of rows', manifest.rejects_snapshot.key, rows, manifest.rejects_snapshot.rows);
}

async function* hashed(
  chunks: AsyncIterable<Buffer>,
  hash: ReturnType<typeof createHash>,
): AsyncIterable<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

function expectSame(what: string, key: string, found: string | number, expected: string | number): void {
  if (found !== expected) throw new Error(`${key}: the ${what} is ${found} instead of ${expected}`);
}
