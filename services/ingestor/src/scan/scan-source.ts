import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { Catalog } from '../catalog/catalog.ts';
import type { Conditions } from '../health/conditions.ts';
import { UnorderedListingError } from './listing-diff.ts';
import { type Seen, scanBucket, scanKeys } from './scan.ts';

/** What a scan of the source bucket works on. */
export interface ScanDeps {
  store: ObjectStore;
  catalog: Catalog;
  conditions: Conditions;
  sourceBucket: string;
  /** How many objects are looked up at a time, when only some are. */
  fetchConcurrency: number;
  log: Logger;
}

/** Scans once more where the listing turns out to be out of order: what is found then is sorted first. */
export async function sortedWhereNeeded(
  { catalog, log }: ScanDeps,
  scanOnce: () => Promise<Seen>,
): Promise<Seen> {
  const spool = catalog.listingSpool;
  try {
    const seen = await scanOnce();
    if (seen.repeated > 0) log.warn(`the listing named ${seen.repeated} keys twice; they count once`);
    return seen;
  } catch (error) {
    if (!(error instanceof UnorderedListingError) || spool.isRequired()) throw error;
    log.warn(`${error.message}: from now on listings are sorted before they are compared`);
    spool.setRequired();
    return await scanOnce();
  }
}

/** After a full listing it is known which folders cannot be listed. */
export function noteFolders({ conditions }: ScanDeps, { folders }: Seen): void {
  const unreadable = folders.filter(({ fault }) => fault.code === 'unreadable');
  const [first, ...others] = unreadable;
  if (!first) {
    conditions.clear('folder_unreadable');
    return;
  }
  const { length: count } = others;
  const more = count > 0 ? ` and ${count} other folder${count === 1 ? '' : 's'}` : '';
  conditions.set('folder_unreadable', `${first.key}${more} cannot be listed: ${first.fault.detail}`);
}

/** Lists the source bucket, or looks at some of its objects. */
export function scan(
  { store, catalog, sourceBucket, fetchConcurrency }: ScanDeps,
  keys: readonly string[] | undefined,
  onProgress: (listed: number) => void,
): Promise<Seen> {
  return keys
    ? scanKeys(store, sourceBucket, catalog, keys, fetchConcurrency)
    : scanBucket(store, sourceBucket, catalog, onProgress);
}
