import { invoiceFiles } from './invoices.ts';
import { userFiles } from './people.ts';
import { stationFiles } from './stations.ts';

/** The folder with the definitions and their demo data. */
export const DATASETS = new URL('../../datasets/', import.meta.url);

/** The demo data of the shipped data sets: the files of each by key, deterministic. */
export const demoData = (): Map<string, Map<string, Buffer>> =>
  new Map([
    ['users', userFiles()],
    ['stations', stationFiles()],
    ['invoices', invoiceFiles()],
  ]);
