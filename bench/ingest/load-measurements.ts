import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MANIFEST_KEY, type Manifest, parseManifest } from '@landfall/contracts/dataset/manifest';
import { USERS } from '@landfall/contracts/dataset/users';
import { openDataSet } from '@landfall/query/dataset/data-set';
import { openLoader } from '@landfall/query/load/loader';
import { changedUsers } from '../data/dataset.ts';
import { PROCESSED } from '../data/source-directory.ts';

/** Loads a published data set into a new database, like the query service. */
export async function loadFromNothing(root: string, database: string): Promise<Manifest> {
  const folder = path.join(root, PROCESSED);
  const manifest = parseManifest(fs.readFileSync(path.join(folder, MANIFEST_KEY)));
  const dataSet = openDataSet({ file: database, definition: USERS, onDiscard: () => undefined });
  await dataSet.close();
  const { fileIdentity } = dataSet;
  const loader = openLoader({ databaseFile: database, fileIdentity, definition: USERS });
  const rows = { file: path.join(folder, manifest.snapshot.key), isDelta: false };
  const rejectsFile = path.join(folder, manifest.rejects_snapshot.key);
  await loader.load({ manifest, rows, rejectsFile });
  await loader.close();
  return manifest;
}

/**
 * Ceiling of a delta: updates the same rows in a table with the same indexes.
 *
 * @param database written by `bareImport`
 * @returns ms of each transaction
 */
export function bareTransactions(root: string, database: string, changes: number, rounds: number): number[] {
  const manifest = parseManifest(fs.readFileSync(path.join(root, PROCESSED, MANIFEST_KEY)));
  const db = new DatabaseSync(database);
  db.exec('PRAGMA synchronous = NORMAL');
  const put = db.prepare('REPLACE INTO users VALUES (?, ?, ?, ?, ?)');
  const ms = Array.from({ length: rounds }, (_, round) => {
    const users = [...changedUsers(manifest, changes, 100 + round)];
    const start = performance.now();
    db.exec('BEGIN IMMEDIATE');
    for (const { user_id, first_name, last_name, birthts, img_path } of users) {
      put.run(user_id, first_name, last_name, birthts, img_path ?? '');
    }
    db.exec('COMMIT');
    return performance.now() - start;
  });
  db.close();
  return ms;
}
