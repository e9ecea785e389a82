import path from 'node:path';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import type { Catalog } from '../catalog/catalog.ts';
import { csvChunks, type SpooledFile, spool } from './spool.ts';

/** The users that have changed since a published data set, as a file. */
export interface SpooledDelta extends SpooledFile {
  base: Manifest;
}

const codec = rowCodec(USERS);

/** With more than half of the users in it, a delta saves nobody anything. */
const MAX_SHARE = 0.5;

/**
 * Writes what has changed since the data set that is published, for those who have that one.
 *
 * @param published what is published; undefined when nothing is
 * @param users how many there are now
 * @returns undefined when that is not what the catalog's changes are counted from, or when they are too many
 */
export async function writeDelta(
  catalog: Catalog,
  published: Manifest | undefined,
  users: number,
  folder: string,
): Promise<SpooledDelta | undefined> {
  const { manifest: base } = catalog.publishState();
  if (!base || base.generation !== published?.generation || base.version !== published.version) {
    return undefined;
  }
  if (catalog.changedCount() > users * MAX_SHARE) return undefined;
  const file = path.join(folder, 'delta.csv');
  return {
    ...(await spool(file, csvChunks(codec.deltaHeader, catalog.changed(), codec.formatChange))),
    base,
  };
}
