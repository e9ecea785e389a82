import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { isFor, type Manifest } from '@landfall/contracts/dataset/manifest';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import type { StateFile } from '@landfall/state-file/state-file';
import { DAY_COUNTS_TABLE, STILL_VALID, VALID_UNTIL } from '../database/identifiers.ts';
import { expectSame, hashed } from './checksum.ts';
import { newestUser, openRowVersions } from './row-versions.ts';

const codec = rowCodec(USERS);

/**
 * Writes what a delta changes; within a transaction of the caller's.
 *
 * @param newest the generation that is loaded
 * @throws Error when the delta is not for that, or is not what the manifest says
 */
export async function applyDelta(
  db: StateFile,
  file: string,
  { generation, rows, delta }: Manifest,
  newest: { generation: number; version: string } | undefined,
): Promise<void> {
  if (!delta || !isFor(delta, newest)) throw new Error('there is no delta for what is loaded');
  const versions = openRowVersions(db, generation, false);
  const userBefore = newestUser(db);
  const hash = createHash('sha256');
  let changes = 0;
  for await (const batch of codec.readDelta(hashed(fs.createReadStream(file), hash))) {
    changes += batch.length;
    for (const { id, row: user } of batch) {
      const before = userBefore(id);
      // Changed and changed back, or come and gone, between two publications.
      if (before && user ? codec.isSameRow(before, user) : before === user) continue;
      versions.write(before, user);
    }
  }
  versions.flush();
  expectSame('checksum', delta.key, hash.digest('hex'), delta.sha256);
  expectSame('number of rows', delta.key, changes, delta.rows);
  const users = db
    .prepare<[number], number>(
      `SELECT coalesce(sum(count), 0) FROM ${DAY_COUNTS_TABLE} WHERE ${VALID_UNTIL} = ?`,
    )
    .pluck();
  expectSame('number of users after it', delta.key, users.get(STILL_VALID) ?? 0, rows);
}
