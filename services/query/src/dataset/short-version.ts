import type { Manifest } from '@landfall/contracts/dataset/manifest';

const LENGTH = 16;

/** The generation in a cursor, with a short version. */
export interface CursorGeneration {
  generation: number;
  version: string;
}

/** The first characters of a version: enough to distinguish two data sets of one generation number. */
export const shortVersion = (version: string): string => version.slice(0, LENGTH);

export const isGenerationOfCursor = (cursor: CursorGeneration, manifest: Manifest): boolean =>
  cursor.generation === manifest.generation && shortVersion(manifest.version) === cursor.version;
