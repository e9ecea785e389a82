import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { USERS, type User } from '@landfall/contracts/dataset/users';
import { openStateFile } from '@landfall/state-file/state-file';
import { databaseLayout } from '../../src/database/schema.ts';
import { openDataSet } from '../../src/dataset/data-set.ts';
import { importGeneration } from '../../src/load/import-generation.ts';
import { pruneVersions } from '../../src/load/prune-versions.ts';
import type { ScanLimits } from '../../src/search/scan-limits.ts';
import type { UserReject } from './_generation.ts';
import { asFiles, type MadeGeneration, makeGeneration } from './_generation.ts';
import { textOf } from './_serialized.ts';

/** A change, as `GET /changes` answers it. */
interface Change {
  change: 'added' | 'updated' | 'removed';
  generation: number;
  user_id: string;
  user: User | null;
}

/** Limits so small that every access path takes many steps with a few users, and limits near the real ones. */
export const SCAN_LIMIT_CASES: ScanLimits[] = [
  { indexLookupMaxRows: 0, rowsPerRead: 2, window: { min: 1, max: 3 } },
  { indexLookupMaxRows: 3, rowsPerRead: 3, window: { min: 2, max: 8 } },
  { indexLookupMaxRows: 1_000, rowsPerRead: 500, window: { min: 256, max: 4_096 } },
];

/**
 * The served data set and the import functions, without a service.
 *
 * @param maxRollupCells a generation with more cells has no rollup
 */
export function makeTable(scanLimits: ScanLimits, maxRollupCells?: number) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-table-'));
  const file = path.join(folder, 'data-set.sqlite');
  const dataSet = openDataSet({ file, definition: USERS, onDiscard: () => undefined, scanLimits });
  const db = openStateFile(file, databaseLayout(USERS), () => undefined);
  return {
    dataSet,
    async load(generation: number, content: User[], rejects: UserReject[] = []): Promise<Manifest> {
      const files = asFiles(folder, makeGeneration(generation, content, rejects));
      await importGeneration(db, USERS, files, maxRollupCells);
      dataSet.generations.refresh();
      return dataSet.generations.byNumber(generation);
    },
    /** Loads a generation that is made already, from its snapshot or its delta. */
    async loadMade(made: MadeGeneration, as: 'snapshot' | 'delta'): Promise<void> {
      await importGeneration(db, USERS, asFiles(folder, made, as), maxRollupCells);
      dataSet.generations.refresh();
    },
    /** Every row of every table. */
    allTables: () =>
      ['__generations', '__rows', '__rollup', '__changes', '__rejects'].map((name) => [
        name,
        db.prepare(`SELECT * FROM ${name}`).all(),
      ]),
    /** The number of cells in the rollup of a generation. */
    cellsAt: (generation: number): unknown =>
      db
        .prepare('SELECT count(*) FROM __rollup WHERE __valid_from <= ? AND __valid_until > ?')
        .pluck()
        .get(generation, generation),
    /** The number of rows of a table. */
    count: (name: string): unknown => db.prepare(`SELECT count(*) FROM ${name}`).pluck().get(),
    prune(oldest: number): void {
      while (pruneVersions(db, USERS, oldest));
      dataSet.generations.refresh();
    },
    async changes(since: Manifest, at: Manifest): Promise<Change[]> {
      return JSON.parse(`[${textOf(await Array.fromAsync(dataSet.changes(since, at, 'json')))}]`);
    },
    async close(): Promise<void> {
      db.close();
      await dataSet.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
