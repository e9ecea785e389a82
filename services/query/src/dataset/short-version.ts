import type { Manifest } from '@landfall/contracts/dataset/manifest';

const LENGTH = 16;

/** The beginning of a version: enough to tell two data sets of one generation number apart. */
export const shortVersion = (version: string): string => version.slice(0, LENGTH);

/** Whether a cursor is of this generation. */
export const isOf = (cursor: { generation: number; version: string }, manifest: Manifest): boolean =>
  cursor.generation === manifest.generation && shortVersion(manifest.version) === cursor.version;
