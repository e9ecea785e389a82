import path from 'node:path';
import { OUTPUT_KEY, REJECTS_KEY } from '@landfall/contracts/dataset/manifest';
import { formatReject, rejectsHeader } from '@landfall/contracts/dataset/reject-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import type { Catalog } from '../catalog/catalog.ts';
import { csvChunks, type SpooledFile, spool } from './spool.ts';

/** The folder of STATE_DIR for files on their way to the store. */
export const spoolFolder = (stateDir: string): string => path.join(stateDir, 'spool');

/** Writes output.csv of the catalog's users as a file. */
export const spoolOutput = (catalog: Catalog, folder: string): Promise<SpooledFile> =>
  spool(path.join(folder, OUTPUT_KEY), catalog.output());

/** Writes rejects.csv of the catalog's rejects as a file. */
export const spoolRejects = (catalog: Catalog, folder: string): Promise<SpooledFile> =>
  spool(path.join(folder, REJECTS_KEY), csvChunks(rejectsHeader(USERS), catalog.rejects(), formatReject));
