import { passedOverTest } from '@landfall/contracts/definition/passed-over-keys';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Catalog } from '../catalog/catalog.ts';
import type { ListedEntry } from '../catalog/listing-spool.ts';
import { sourceKeyParser } from '../source/source-key.ts';
import { faultyObject } from '../source/source-object.ts';
import { openListingDiff } from './listing-diff.ts';
import { openChangeRecorder } from './record-changes.ts';
import { emptyScanResult, type ScanResult } from './scan-result.ts';

/**
 * Lists the source bucket and records in the catalog what changed, and which rows have to be processed. Call it in a
 * transaction: an incomplete listing must leave nothing behind.
 *
 * @param seenUntil objects that were put by this time were seen by an earlier full run, ms since 1970 UTC
 * @param onProgress called with the number of objects listed so far
 * @throws StoreError when the listing is incomplete
 * @throws UnorderedListingError when the listing has to be sorted first (the catalog's `listingSpool`)
 */
export async function scanBucket(
  store: ObjectStore,
  bucket: string,
  catalog: Catalog,
  seenUntil: number,
  onProgress: (listed: number) => void,
): Promise<ScanResult> {
  const result = emptyScanResult();
  const changes = openChangeRecorder(catalog, result);
  const diff = openListingDiff(catalog.objectReader(), changes.remove);
  const spool = catalog.listingSpool;
  const pages: AsyncIterable<readonly ListedEntry[]> = spool.isRequired()
    ? spool.sort(store.list(bucket), onProgress)
    : store.list(bucket);
  const isPassedOver = passedOverTest(catalog.definition);
  const parseKey = sourceKeyParser(catalog.definition);
  for await (const page of pages) {
    for (const object of page) {
      if (isPassedOver(object.key)) {
        result.passedOver++;
        continue;
      }
      const source = parseKey(object.key);
      if (source.kind === 'other') {
        if (object.fault) skipUnreadableFolder(object.key, object.fault);
        continue;
      }
      const found = object.fault ? faultyObject(object.key, object.fault) : object;
      const difference = diff.next(found);
      if (difference === 'repeated') result.repeated++;
      else if (difference !== 'same') {
        changes.put(found, source, difference === 'new');
        const { modified = seenUntil } = object;
        if (modified > seenUntil) result.putTimes.add(modified);
      } else if (source.kind === 'record') result.unchanged++;
    }
    result.example ??= page.find(({ key }) => !key.endsWith('/') && !isPassedOver(key))?.key;
    result.listed += page.length;
    onProgress(result.listed);
  }
  diff.end();
  changes.flush();
  result.listed -= result.repeated;
  return result;

  function skipUnreadableFolder(key: string, fault: NonNullable<ListedEntry['fault']>): void {
    if (!key.endsWith('/')) return;
    diff.keepBelow(key);
    if (result.folders.at(-1)?.key !== key) result.folders.push(faultyObject(key, fault));
  }
}
