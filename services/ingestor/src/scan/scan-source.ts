import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { Catalog } from '../catalog/catalog.ts';
import type { Conditions } from '../health/conditions.ts';
import { UnorderedListingError } from './listing-diff.ts';
import { scanBucket } from './scan-bucket.ts';
import { scanKeys } from './scan-keys.ts';
import type { ScanResult } from './scan-result.ts';

/** What a scan of the source bucket works on. */
export interface ScanDeps {
  store: ObjectStore;
  catalog: Catalog;
  conditions: Conditions;
  sourceBucket: string;
  /** Maximum number of concurrent requests of a scan by keys. */
  fetchConcurrency: number;
  log: Logger;
}

/** Which objects are compared with the catalog: all, or those with these keys. */
export type ScanScope = { kind: 'full' } | { kind: 'keys'; keys: ReadonlySet<string> };

/**
 * Lists the source bucket, or requests the metadata of single objects.
 *
 * @param seenUntil see `scanBucket`
 */
export function scanSource(
  { store, catalog, sourceBucket, fetchConcurrency }: ScanDeps,
  scope: ScanScope,
  seenUntil: number,
  onProgress: (listed: number) => void,
): Promise<ScanResult> {
  return scope.kind === 'full'
    ? scanBucket(store, sourceBucket, catalog, seenUntil, onProgress)
    : scanKeys(store, sourceBucket, catalog, [...scope.keys], seenUntil, fetchConcurrency);
}

/** Repeats a scan when the listing is not in byte order. The catalog then sorts the listing, and all later ones. */
export async function withSortFallback(
  { catalog, log }: ScanDeps,
  scan: () => Promise<ScanResult>,
): Promise<ScanResult> {
  const spool = catalog.listingSpool;
  try {
    const result = await scan();
    if (result.repeated > 0) log.warn(`the listing named ${result.repeated} keys twice; they count once`);
    return result;
  } catch (error) {
    if (!(error instanceof UnorderedListingError) || spool.isRequired()) throw error;
    log.warn(`${error.message}: from now on listings are sorted before they are compared`);
    spool.setRequired();
    return await scan();
  }
}

/** Sets or clears the condition about unreadable folders after a full listing. */
export function reportUnreadableFolders({ conditions }: ScanDeps, { folders }: ScanResult): void {
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
