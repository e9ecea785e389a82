import path from 'node:path';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import type { Catalog } from '../catalog/catalog.ts';
import { csvChunks, type SpooledFile, spoolFile } from './spool-file.ts';

/** The rows that have changed since a published data set, as a file. */
export interface SpooledDelta extends SpooledFile {
  base: Manifest;
}

/** A delta of more than this share of the rows does not load faster than a snapshot. */
const MAX_SHARE = 0.5;

/**
 * Writes the changes since the published data set.
 *
 * @param published the published manifest; undefined if there is none
 * @param rows the current number of rows
 * @returns undefined if the catalog's changes do not start at the published data set, or if there are too many
 */
export async function spoolDelta(
  catalog: Catalog,
  published: Manifest | undefined,
  rows: number,
  folder: string,
): Promise<SpooledDelta | undefined> {
  const { manifest: base } = catalog.publishState();
  if (!base || base.generation !== published?.generation || base.version !== published.version) {
    return undefined;
  }
  if (catalog.changedCount() > rows * MAX_SHARE) return undefined;
  const { deltaHeader, formatChange } = rowCodec(catalog.definition);
  const file = path.join(folder, 'delta.csv');
  return { ...(await spoolFile(file, csvChunks(deltaHeader, catalog.changed(), formatChange))), base };
}
