import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { isFor, type Manifest } from '@landfall/contracts/dataset/manifest';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import type { StateFile } from '@landfall/state-file/state-file';
import { DAY_COUNTS_TABLE, STILL_VALID, VALID_UNTIL } from '../database/identifiers.ts';
import { openRowLookup, openVersionWriter } from './row-versions.ts';
import { expectSame, hashChunks } from './verify-object.ts';

/**
 * Writes the changes of a delta, within a transaction of the caller.
 *
 * @param newest the newest loaded generation
 * @throws DataSetFormatError when the file is not a delta; Error when the delta is for another generation, or has another
 * checksum or number of rows than the manifest says
 */
export async function applyDelta(
  db: StateFile,
  definition: Definition,
  file: string,
  { generation, rows, delta }: Manifest,
  newest: { generation: number; version: string } | undefined,
): Promise<void> {
  if (!delta || !isFor(delta, newest)) throw new Error('there is no delta for the loaded generation');
  const codec = rowCodec(definition);
  const versions = openVersionWriter(db, definition, { generation, isFirst: false });
  const lookUp = openRowLookup(db, definition);
  const hash = createHash('sha256');
  let changes = 0;
  for await (const batch of codec.readDelta(hashChunks(fs.createReadStream(file), hash))) {
    changes += batch.length;
    for (const { id, row: after } of batch) {
      const before = lookUp(id);
      // A row may have changed back, or been added and removed, between two publications.
      if (before && after ? codec.isSameRow(before, after) : before === after) continue;
      versions.write(before, after);
    }
  }
  versions.flush();
  expectSame('checksum', delta.key, hash.digest('hex'), delta.sha256);
  expectSame('number of rows', delta.key, changes, delta.rows);
  const count = db
    .prepare<[number], number>(
      `SELECT coalesce(sum(count), 0) FROM ${DAY_COUNTS_TABLE} WHERE ${VALID_UNTIL} = ?`,
    )
    .pluck();
  expectSame('number of rows after it', delta.key, count.get(STILL_VALID) ?? 0, rows);
}
