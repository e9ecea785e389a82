import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { isFor, type Manifest } from '@landfall/contracts/dataset/manifest';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import type { StateFile } from '@landfall/state-file/state-file';
import {
  CHANGES_TABLE,
  DAY_COUNTS_TABLE,
  GENERATIONS_TABLE,
  REJECTS_TABLE,
  ROWS_TABLE,
} from '../database/identifiers.ts';
import { createRowIndexes, dropRowIndexes } from '../database/schema.ts';
import { applyDelta } from './apply-delta.ts';
import { expectSame, hashed } from './checksum.ts';
import { writeRejects } from './reject-versions.ts';
import { newestUsers, openRowVersions } from './row-versions.ts';
import { openMerge } from './snapshot-diff.ts';

/** A generation that was fetched: its manifest, and objects it names as local files. */
export interface Generation {
  manifest: Manifest;
  /** The users: the snapshot of all, or the delta alone. */
  users: { file: string; isDelta: boolean };
  /** The snapshot of all rejects. */
  rejectsFile: string;
}

/**
 * Makes a generation the newest one of the database, in one transaction: readers see the one before until it is
 * done. Rows that are the same are not touched. A generation that does not follow the newest one is of another
 * lineage: all that was there is dropped.
 *
 * @throws Error when a file is not what the manifest says, or a delta not for the newest; then nothing has changed
 */
export async function takeOver(db: StateFile, { manifest, users, rejectsFile }: Generation): Promise<void> {
  db.exec('BEGIN IMMEDIATE');
  try {
    const newest = db
      .prepare<[], Loaded>(
        `SELECT generation, version FROM ${GENERATIONS_TABLE} ORDER BY generation DESC LIMIT 1`,
      )
      .get();
    const follows = newest !== undefined && isFollowing(manifest, newest);
    if (newest && !follows) db.exec(DROP_LINEAGE);
    if (users.isDelta) await applyDelta(db, users.file, manifest, follows ? newest : undefined);
    else await writeUsers(db, users.file, manifest);
    await writeRejects(db, rejectsFile, manifest);
    db.prepare<[number, string, string]>(`INSERT INTO ${GENERATIONS_TABLE} VALUES (?, ?, ?)`).run(
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

type Loaded = Pick<Manifest, 'generation' | 'version'>;

/** Whether a generation can be of the lineage that is loaded: it is a later one, and made after no other of the number. */
function isFollowing({ generation, delta }: Manifest, newest: Loaded): boolean {
  const isAfterAnother = delta?.base.generation === newest.generation && !isFor(delta, newest);
  return generation > newest.generation && !isAfterAnother;
}

const DROP_LINEAGE = [GENERATIONS_TABLE, ROWS_TABLE, CHANGES_TABLE, DAY_COUNTS_TABLE, REJECTS_TABLE]
  .map((table) => `DELETE FROM ${table};`)
  .join('');

async function writeUsers(db: StateFile, file: string, manifest: Manifest): Promise<void> {
  const isEmpty = db.prepare(`SELECT 1 FROM ${ROWS_TABLE} LIMIT 1`).get() === undefined;
  const isFirst = db.prepare(`SELECT 1 FROM ${GENERATIONS_TABLE} LIMIT 1`).get() === undefined;
  if (isEmpty) db.exec(dropRowIndexes(USERS));
  const versions = openRowVersions(db, manifest.generation, isFirst);
  const merge = openMerge(newestUsers(db), versions.write);
  const hash = createHash('sha256');
  let rows = 0;
  for await (const batch of rowCodec(USERS).readOutput(hashed(fs.createReadStream(file), hash))) {
    for (const user of batch) merge.next(user);
    rows += batch.length;
  }
  merge.end();
  versions.flush();
  if (isEmpty) db.exec(createRowIndexes(USERS));
  expectSame('checksum', manifest.snapshot.key, hash.digest('hex'), manifest.version);
  expectSame('number of rows', manifest.snapshot.key, rows, manifest.rows);
}
