import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { User } from '@landfall/contracts/dataset/users';
import { USERS as DEFINITION } from '@landfall/contracts/dataset/users';
import { openStateFile } from '@landfall/state-file/state-file';
import { databaseLayout } from '../../src/database/schema.ts';
import { openDataSet } from '../../src/dataset/data-set.ts';
import type { Change } from '../../src/http/response/change-schema.ts';
import { takeOver } from '../../src/load/import-generation.ts';
import { forgetBefore } from '../../src/load/prune-versions.ts';
import type { Pace } from '../../src/search/scan-limits.ts';
import type { UserReject } from './_generation.ts';
import { asFiles, type MadeGeneration, makeGeneration } from './_generation.ts';

/** So slow that every way of reading is taken, and takes many steps, with a few users; and the real one. */
export const PACES: Pace[] = [
  { few: 0, atATime: 2, window: { min: 1, max: 3 } },
  { few: 3, atATime: 3, window: { min: 2, max: 8 } },
  { few: 1_000, atATime: 500, window: { min: 256, max: 4_096 } },
];

/** The served data set and its loader, without a service around them. */
export function makeTable(pace: Pace) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-table-'));
  const file = path.join(folder, 'data-set.sqlite');
  const dataSet = openDataSet(file, DEFINITION, () => undefined, pace);
  const db = openStateFile(file, databaseLayout(DEFINITION), () => undefined);
  return {
    dataSet,
    async load(generation: number, content: User[], rejects: UserReject[] = []): Promise<Manifest> {
      await takeOver(db, asFiles(folder, makeGeneration(generation, content, rejects)));
      dataSet.generations.refresh();
      return dataSet.generations.at(generation);
    },
    /** Loads one that was made already, as a whole or by its delta. */
    async take(made: MadeGeneration, as: 'snapshot' | 'delta'): Promise<void> {
      await takeOver(db, asFiles(folder, made, as));
      dataSet.generations.refresh();
    },
    /** Every row of every table. */
    everything: () =>
      ['__generations', '__rows', '__day_counts', '__changes', '__rejects'].map((name) => [
        name,
        db.prepare(`SELECT * FROM ${name}`).all(),
      ]),
    /** How many rows a table has. */
    count: (name: string): unknown => db.prepare(`SELECT count(*) FROM ${name}`).pluck().get(),
    forget(horizon: number): void {
      while (forgetBefore(db, horizon));
      dataSet.generations.refresh();
    },
    async changes(since: Manifest, at: Manifest): Promise<Change[]> {
      const pieces = await Array.fromAsync(dataSet.changes(since, at, ','));
      return JSON.parse(`[${pieces.map(({ text }) => text).join('')}]`);
    },
    async close(): Promise<void> {
      db.close();
      await dataSet.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
