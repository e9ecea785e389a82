import path from 'node:path';
import { type Manifest, OUTPUT_KEY, REJECTS_KEY } from '@landfall/contracts/dataset/manifest';
import { formatReject, rejectsHeader } from '@landfall/contracts/dataset/reject-codec';
import type { Catalog } from '../catalog/catalog.ts';
import { type SpooledDelta, spoolDelta } from './spool-delta.ts';
import { csvChunks, type SpooledFile, spoolFile } from './spool-file.ts';

/** The files of a generation. */
export interface SpooledDataSet {
  output: SpooledFile;
  rejects: SpooledFile;
  delta: SpooledDelta | undefined;
}

/** The folder of STATE_DIR for files that are about to be uploaded. */
const spoolFolder = (stateDir: string): string => path.join(stateDir, 'spool');

/** Writes output.csv from the catalog's rows. */
export const spoolOutput = (catalog: Catalog, stateDir: string): Promise<SpooledFile> =>
  spoolFile(path.join(spoolFolder(stateDir), OUTPUT_KEY), catalog.output());

/** Writes rejects.csv from the catalog's rejects. */
export const spoolRejects = (catalog: Catalog, stateDir: string): Promise<SpooledFile> =>
  spoolFile(
    path.join(spoolFolder(stateDir), REJECTS_KEY),
    csvChunks(rejectsHeader(catalog.definition), catalog.rejects(), formatReject),
  );

/**
 * Writes the files of a generation from the catalog.
 *
 * @param published the published manifest, the base of the delta
 * @throws UnusableStateError if the folder or its disk does not allow it
 */
export async function spoolDataSet(
  catalog: Catalog,
  published: Manifest | undefined,
  stateDir: string,
): Promise<SpooledDataSet> {
  const output = await spoolOutput(catalog, stateDir);
  const rejects = await spoolRejects(catalog, stateDir);
  const delta = await spoolDelta(catalog, published, output.rows, spoolFolder(stateDir));
  return { output, rejects, delta };
}
