import { createHash } from 'node:crypto';
import fs from 'node:fs';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import type { StateFile } from '@landfall/state-file/state-file';
import { appliesTo } from './applies-to.ts';
import { openRowLookup, openVersionWriter, type WrittenGeneration } from './row-versions.ts';
import { expectSame, hashChunks } from './verify-object.ts';

/** A generation of the database, and how many rows it has. */
export type LoadedGeneration = Pick<Manifest, 'generation' | 'version' | 'rows'>;

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
  { rows, delta }: Manifest,
  newest: LoadedGeneration | undefined,
  written: WrittenGeneration,
): Promise<void> {
  if (!delta || !newest || !appliesTo(delta, newest))
    throw new Error('there is no delta for the loaded generation');
  const codec = rowCodec(definition);
  const versions = openVersionWriter(db, definition, written);
  const lookUp = openRowLookup(db, definition);
  const hash = createHash('sha256');
  let changes = 0;
  let rowsAfter = newest.rows;
  for await (const batch of codec.readDelta(hashChunks(fs.createReadStream(file), hash))) {
    changes += batch.length;
    for (const { id, row: after } of batch) {
      const before = lookUp(id);
      // A row may have changed back, or been added and removed, between two publications.
      if (before && after ? codec.isSameRow(before, after) : before === after) continue;
      versions.write(before, after);
      rowsAfter += (after ? 1 : 0) - (before ? 1 : 0);
    }
  }
  versions.flush();
  expectSame('checksum', delta.key, hash.digest('hex'), delta.sha256);
  expectSame('number of rows', delta.key, changes, delta.rows);
  expectSame('number of rows after it', delta.key, rowsAfter, rows);
}
