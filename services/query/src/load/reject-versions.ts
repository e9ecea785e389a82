import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { readRejects } from '@landfall/contracts/dataset/reject-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import { bulkInsert } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import {
  REJECT_COLUMNS,
  REJECTS_TABLE,
  STILL_VALID,
  VALID_FROM,
  VALID_UNTIL,
} from '../database/identifiers.ts';
import { expectSame, hashed } from './checksum.ts';

const COLUMNS = REJECT_COLUMNS.join();
const INCOMING = `
  CREATE TEMP TABLE IF NOT EXISTS incoming_rejects (
    key TEXT PRIMARY KEY, id TEXT, reason TEXT, detail TEXT, since TEXT, kept_previous INTEGER
  ) WITHOUT ROWID;
  DELETE FROM incoming_rejects;`;
const END = `
  UPDATE ${REJECTS_TABLE} AS old SET ${VALID_UNTIL} = ? WHERE ${VALID_UNTIL} = ${STILL_VALID} AND NOT EXISTS (
    SELECT 1 FROM incoming_rejects incoming WHERE incoming.key = old.key AND
      (incoming.id, incoming.reason, incoming.detail, incoming.since, incoming.kept_previous) =
      (old.id, old.reason, old.detail, old.since, old.kept_previous))`;
const BEGIN = `
  INSERT INTO ${REJECTS_TABLE} (${VALID_FROM}, ${VALID_UNTIL}, ${COLUMNS})
  SELECT ?, ${STILL_VALID}, ${COLUMNS} FROM incoming_rejects incoming WHERE NOT EXISTS (
    SELECT 1 FROM ${REJECTS_TABLE} old WHERE old.key = incoming.key AND old.${VALID_UNTIL} = ${STILL_VALID})`;

/**
 * Writes the rejects of a generation as row versions: only rejects that differ from those of the generation before are
 * written, so an answer about an older generation can still be read to its end.
 *
 * @throws DataSetFormatError when the file is not a rejects snapshot; Error when it has another checksum or number of rows
 * than the manifest says, or a key twice
 */
export async function writeRejects(db: StateFile, file: string, manifest: Manifest): Promise<void> {
  const { generation, rejects_snapshot: snapshot } = manifest;
  db.exec(INCOMING);
  const incoming = bulkInsert(db, 'INSERT INTO incoming_rejects', REJECT_COLUMNS.length)();
  let rows = 0;
  const hash = createHash('sha256');
  for await (const batch of readRejects(USERS, hashed(fs.createReadStream(file), hash))) {
    for (const { key, id, reason, detail, since, kept_previous: kept } of batch) {
      incoming.add(key, id, reason, detail, since, kept ? 1 : 0);
    }
    rows += batch.length;
  }
  incoming.flush();
  // The manifests of earlier versions do not have it.
  if (snapshot.sha256 !== undefined)
    expectSame('checksum', snapshot.key, hash.digest('hex'), snapshot.sha256);
  expectSame('number of rows', snapshot.key, rows, snapshot.rows);
  db.prepare<[number]>(END).run(generation);
  db.prepare<[number]>(BEGIN).run(generation);
  db.exec('DELETE FROM incoming_rejects');
}
