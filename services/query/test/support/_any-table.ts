import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { rejectsHeader } from '@landfall/contracts/dataset/reject-codec';
import type { Row } from '@landfall/contracts/dataset/row';
import { type RowChange, rowCodec } from '@landfall/contracts/dataset/row-codec';
import { openStateFile } from '@landfall/state-file/state-file';
import { databaseLayout } from '../../src/database/schema.ts';
import { openDataSet } from '../../src/dataset/data-set.ts';
import { importGeneration } from '../../src/load/import-generation.ts';
import type { ScanLimits } from '../../src/search/scan-limits.ts';

interface TableOptions {
  scanLimits: ScanLimits;
  /** A generation with more cells has no rollup. */
  maxRollupCells?: number;
}

export type AnyTable = ReturnType<typeof makeAnyTable>;

/** A served data set of any definition, without a service. */
export function makeAnyTable(definition: Definition, { scanLimits, maxRollupCells }: TableOptions) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-definition-'));
  const file = path.join(folder, 'data-set.sqlite');
  const dataSet = openDataSet({ file, definition, onDiscard: () => undefined, scanLimits });
  const db = openStateFile(file, databaseLayout(definition), () => undefined);
  const codec = rowCodec(definition);
  const [rowsFile, rejectsFile] = [path.join(folder, 'rows.csv'), path.join(folder, 'rejects.csv')];
  fs.writeFileSync(rejectsFile, rejectsHeader(definition));
  const object = { key: 'x', size: 1, etag: 'e', rows: 0 };
  let newest: Manifest | undefined;

  return {
    dataSet,

    /** Loads the next generation: as a whole, or by the rows that differ from the one before. Rows are in byte order of their ids. */
    async load(rows: readonly Row[], changes?: readonly RowChange<Row>[]): Promise<Manifest> {
      const snapshot = codec.header + rows.map(codec.formatRow).join('');
      const delta = codec.deltaHeader + (changes ?? []).map(codec.formatChange).join('');
      const before = newest;
      newest = {
        generation: (before?.generation ?? 0) + 1,
        version: sha256(snapshot),
        created_at: '2026-06-01T00:00:00.000Z',
        rows: rows.length,
        snapshot: object,
        output: object,
        rejects_snapshot: object,
        rejects: object,
        ...(changes && before
          ? { delta: { ...object, rows: changes.length, sha256: sha256(delta), base: idOf(before) } }
          : {}),
      };
      fs.writeFileSync(rowsFile, changes ? delta : snapshot);
      const downloaded = {
        manifest: newest,
        rows: { file: rowsFile, isDelta: changes !== undefined },
        rejectsFile,
      };
      await importGeneration(db, definition, downloaded, maxRollupCells);
      dataSet.generations.refresh();
      return newest;
    },

    /** Every row of the tables that a generation changes. */
    allTables: () =>
      ['__rows', '__rollup', '__changes'].map((name) => db.prepare(`SELECT * FROM ${name}`).all()),

    async close(): Promise<void> {
      db.close();
      await dataSet.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const idOf = ({ generation, version }: Manifest) => ({ generation, version });

/** A served data set with one generation. */
export async function openTable(definition: Definition, rows: readonly Row[], options: TableOptions) {
  const table = makeAnyTable(definition, options);
  return { ...table, at: await table.load(rows) };
}
