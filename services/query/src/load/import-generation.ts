import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import type { StateFile } from '@landfall/state-file/state-file';
import {
  CHANGES_TABLE,
  GENERATIONS_TABLE,
  REJECTS_TABLE,
  ROLLUP_TABLE,
  ROWS_TABLE,
} from '../database/identifiers.ts';
import { createRowIndexes, dropRowIndexes } from '../database/schema.ts';
import { appliesTo } from './applies-to.ts';
import { applyDelta, type LoadedGeneration } from './apply-delta.ts';
import { restoreRollup } from './rebuild-rollup.ts';
import { importRejects } from './reject-versions.ts';
import { hasCells, MAX_ROLLUP_CELLS } from './rollup-differences.ts';
import { openCurrentRows, openVersionWriter, type WrittenGeneration } from './row-versions.ts';
import { createSnapshotDiff } from './snapshot-diff.ts';
import { expectSame, hashChunks } from './verify-object.ts';

/** A downloaded generation: its manifest, and the objects that it names as local files. */
export interface DownloadedGeneration {
  manifest: Manifest;
  /** The snapshot of all rows, or the delta. */
  rows: { file: string; isDelta: boolean };
  /** The snapshot of all rejects. */
  rejectsFile: string;
}

/**
 * Makes a generation the newest one of the database, in one transaction: readers see the generation before until the commit.
 * Rows that do not change are not written. A generation that does not follow the newest one belongs to a data set whose numbers were
 * reset: all earlier generations are deleted.
 *
 * @param maxRollupCells a generation with more cells has no rollup
 * @throws Error when a file differs from the manifest, or the delta is for another generation; the database is then unchanged
 */
export async function importGeneration(
  db: StateFile,
  definition: Definition,
  { manifest, rows, rejectsFile }: DownloadedGeneration,
  maxRollupCells: number = MAX_ROLLUP_CELLS,
): Promise<void> {
  db.exec('BEGIN IMMEDIATE');
  try {
    const newest = db
      .prepare<[], LoadedGeneration>(
        `SELECT generation, version, json_extract(manifest, '$.rows') AS rows FROM ${GENERATIONS_TABLE} ORDER BY generation DESC LIMIT 1`,
      )
      .get();
    const isSuccessor = newest !== undefined && isSuccessorOf(newest, manifest);
    if (newest && !isSuccessor) db.exec(DELETE_ALL);
    const before = isSuccessor ? newest : undefined;
    const written = {
      generation: manifest.generation,
      isFirst: before === undefined,
      rowsBefore: before?.rows ?? 0,
      maxRollupCells,
    };
    const hadRollup = written.rowsBefore === 0 || hasCells(db);
    if (rows.isDelta) await applyDelta(db, definition, rows.file, manifest, before, written);
    else await importSnapshot(db, definition, rows.file, manifest, written);
    if (!hadRollup) restoreRollup(db, definition, manifest, maxRollupCells);
    await importRejects(db, definition, rejectsFile, manifest);
    db.prepare<[number, string, string]>(`INSERT INTO ${GENERATIONS_TABLE} VALUES (?, ?, ?)`).run(
      manifest.generation,
      manifest.version,
      JSON.stringify(manifest),
    );
    db.exec('COMMIT');
  } catch (error) {
    // SQLite rolls back by itself after some errors, for example when the disk is full.
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

type GenerationId = Pick<Manifest, 'generation' | 'version'>;

/** Whether a generation follows the newest loaded one: its number is higher, and its delta is not for another content of the newest number. */
function isSuccessorOf(newest: GenerationId, { generation, delta }: Manifest): boolean {
  const isOfOtherDataSet = delta?.base.generation === newest.generation && !appliesTo(delta, newest);
  return generation > newest.generation && !isOfOtherDataSet;
}

const DELETE_ALL = [GENERATIONS_TABLE, ROWS_TABLE, CHANGES_TABLE, ROLLUP_TABLE, REJECTS_TABLE]
  .map((table) => `DELETE FROM ${table};`)
  .join('');

async function importSnapshot(
  db: StateFile,
  definition: Definition,
  file: string,
  { version, snapshot, rows }: Manifest,
  written: WrittenGeneration,
): Promise<void> {
  const isTableEmpty = db.prepare(`SELECT 1 FROM ${ROWS_TABLE} LIMIT 1`).get() === undefined;
  if (isTableEmpty) db.exec(dropRowIndexes(definition));
  const versions = openVersionWriter(db, definition, written);
  const diff = createSnapshotDiff(definition, openCurrentRows(db, definition), versions.write);
  const hash = createHash('sha256');
  const chunks = hashChunks(fs.createReadStream(file), hash);
  let count = 0;
  for await (const batch of rowCodec(definition).readOutput(chunks)) {
    for (const row of batch) diff.add(row);
    count += batch.length;
  }
  diff.finish();
  versions.flush();
  if (isTableEmpty) db.exec(createRowIndexes(definition));
  expectSame('checksum', snapshot.key, hash.digest('hex'), version);
  expectSame('number of rows', snapshot.key, count, rows);
}
