import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { rejectsHeader } from '@landfall/contracts/dataset/reject-codec';
import type { Row } from '@landfall/contracts/dataset/row';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
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

/** A served data set with one generation. */
export async function openTable(
  definition: Definition,
  rows: readonly Row[],
  { scanLimits, maxRollupCells }: TableOptions,
) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-definition-'));
  const file = path.join(folder, 'data-set.sqlite');
  const dataSet = openDataSet({ file, definition, onDiscard: () => undefined, scanLimits });
  const db = openStateFile(file, databaseLayout(definition), () => undefined);
  const codec = rowCodec(definition);
  const text = codec.header + rows.map(codec.formatRow).join('');
  const [rowsFile, rejectsFile] = [path.join(folder, 'rows.csv'), path.join(folder, 'rejects.csv')];
  fs.writeFileSync(rowsFile, text);
  fs.writeFileSync(rejectsFile, rejectsHeader(definition));
  const object = { key: 'x', size: text.length, etag: 'e', rows: rows.length };
  const at: Manifest = {
    generation: 1,
    version: createHash('sha256').update(text).digest('hex'),
    created_at: '2026-06-01T00:00:00.000Z',
    rows: rows.length,
    snapshot: object,
    output: object,
    rejects_snapshot: { ...object, rows: 0 },
    rejects: { ...object, rows: 0 },
  };
  const downloaded = { manifest: at, rows: { file: rowsFile, isDelta: false }, rejectsFile };
  await importGeneration(db, definition, downloaded, maxRollupCells);
  dataSet.generations.refresh();
  return {
    dataSet,
    at,
    async close(): Promise<void> {
      db.close();
      await dataSet.close();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}
