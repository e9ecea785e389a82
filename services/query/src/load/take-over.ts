import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import { readOutput, readRejects } from '@landfall/contracts/data-set-csv';
import type { Manifest } from '@landfall/contracts/manifest';
import type { StateFile } from '@landfall/state-file/state-file';
import { USER_INDEXES } from '../database-layout.ts';
import { openMerge } from './merge.ts';
import { newestUsers, openRowVersions } from './row-versions.ts';

/** A generation that was fetched: its manifest, and its two snapshots as local files. */
export interface Generation {
  manifest: Manifest;
  usersFile: string;
  rejectsFile: string;
}

/**
 * Makes a generation the newest one of the database, in one transaction: readers see the one before until it is
 * done. Rows that are the same are not touched. A generation that does not follow the newest one is of another
 * lineage: all that was there is dropped.
 *
 * @throws Error when a file is not what the manifest says; then nothing has changed
 */
export async function takeOver(
  db: StateFile,
  { manifest, usersFile, rejectsFile }: Generation,
): Promise<void> {
  db.exec('BEGIN IMMEDIATE');
  try {
    const newest = db.prepare<[], number | null>('SELECT max(generation) FROM generations').pluck().get();
    if (newest != null && manifest.generation <= newest) db.exec(DROP_LINEAGE);
    await writeUsers(db, usersFile, manifest);
    await replaceRejects(db, rejectsFile, manifest);
    db.prepare<[number, string, string]>('INSERT INTO generations VALUES (?, ?, ?)').run(
      manifest.generation,
      manifest.version,
      JSON.stringify(manifest),
    );
    db.exec('COMMIT');
  } catch (error) {
    // Some errors, a full disk for one, have rolled it back already.
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

const DROP_LINEAGE =
  'DELETE FROM generations; DELETE FROM users; DELETE FROM changes; DELETE FROM birth_days;';

async function writeUsers(db: StateFile, file: string, manifest: Manifest): Promise<void> {
  const isEmpty = db.prepare('SELECT 1 FROM users LIMIT 1').get() === undefined;
  const isFirst = db.prepare('SELECT 1 FROM generations LIMIT 1').get() === undefined;
  if (isEmpty) db.exec(USER_INDEXES.drop);
  const versions = openRowVersions(db, manifest.generation, isFirst);
  const merge = openMerge(newestUsers(db), versions.write);
  const hash = createHash('sha256');
  let rows = 0;
  for await (const user of readOutput(hashed(fs.createReadStream(file), hash))) {
    merge.next(user);
    rows++;
  }
  merge.end();
  versions.flush();
  if (isEmpty) db.exec(USER_INDEXES.create);
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

async function* hashed(chunks: AsyncIterable<Buffer>, hash: Hash): AsyncIterable<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

function expectSame(what: string, key: string, found: string | number, expected: string | number): void {
  if (found !== expected) throw new Error(`${key}: the ${what} is ${found} instead of ${expected}`);
}
