import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { readRejects } from '@landfall/contracts/dataset/reject-codec';
import { bulkInsert } from '@landfall/state-file/bulk-insert';
import type { StateFile } from '@landfall/state-file/state-file';
import {
  REJECT_COLUMNS,
  REJECTS_TABLE,
  STILL_VALID,
  VALID_FROM,
  VALID_UNTIL,
} from '../database/identifiers.ts';
import { expectSame, hashChunks } from './verify-object.ts';

const COLUMNS = REJECT_COLUMNS.join(', ');
const columnsOf = (table: string): string =>
  `(${REJECT_COLUMNS.map((name) => `${table}.${name}`).join(', ')})`;
const CREATE_INCOMING = `
  CREATE TEMP TABLE IF NOT EXISTS incoming_rejects (
    key TEXT PRIMARY KEY, id TEXT, reason TEXT, detail TEXT, since TEXT, kept_previous INTEGER
  ) WITHOUT ROWID;
  DELETE FROM incoming_rejects;`;
/** Ends the versions of rejects that the new generation does not have, or has with other values. */
const END_VERSIONS = `
  UPDATE ${REJECTS_TABLE} AS old SET ${VALID_UNTIL} = ? WHERE ${VALID_UNTIL} = ${STILL_VALID} AND NOT EXISTS (
    SELECT 1 FROM incoming_rejects incoming
    WHERE incoming.key = old.key AND ${columnsOf('incoming')} = ${columnsOf('old')})`;
/** Inserts the rejects that have no valid version after that. */
const INSERT_VERSIONS = `
  INSERT INTO ${REJECTS_TABLE} (${VALID_FROM}, ${VALID_UNTIL}, ${COLUMNS})
  SELECT ?, ${STILL_VALID}, ${COLUMNS} FROM incoming_rejects incoming WHERE NOT EXISTS (
    SELECT 1 FROM ${REJECTS_TABLE} old WHERE old.key = incoming.key AND old.${VALID_UNTIL} = ${STILL_VALID})`;

/**
 * Writes the rejects of a generation as versions: only rejects that differ from the generation before are written, so a
 * response for an older generation can still be read to its end.
 *
 * @throws DataSetFormatError when the file is not a rejects snapshot; Error when it has another checksum or number of rows than
 * the manifest says, or a key twice
 */
export async function importRejects(
  db: StateFile,
  definition: Definition,
  file: string,
  { generation, rejects_snapshot: snapshot }: Manifest,
): Promise<void> {
  db.exec(CREATE_INCOMING);
  const incoming = bulkInsert(db, 'INSERT INTO incoming_rejects', REJECT_COLUMNS.length)();
  let rows = 0;
  const hash = createHash('sha256');
  for await (const batch of readRejects(definition, hashChunks(fs.createReadStream(file), hash))) {
    for (const { key, id, reason, detail, since, kept_previous: kept } of batch) {
      incoming.add(key, id, reason, detail, since, kept ? 1 : 0);
    }
    rows += batch.length;
  }
  incoming.flush();
  // Manifests of earlier versions have no checksum of the rejects.
  if (snapshot.sha256 !== undefined) {
    expectSame('checksum', snapshot.key, hash.digest('hex'), snapshot.sha256);
  }
  expectSame('number of rows', snapshot.key, rows, snapshot.rows);
  db.prepare<[number]>(END_VERSIONS).run(generation);
  db.prepare<[number]>(INSERT_VERSIONS).run(generation);
  db.exec('DELETE FROM incoming_rejects');
}
