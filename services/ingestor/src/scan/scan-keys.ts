import { passedOverTest } from '@landfall/contracts/definition/passed-over-keys';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import {
  isObjectFault,
  type ObjectHead,
  type ObjectStore,
  StoreError,
} from '@landfall/object-store/object-store';
import pMap from 'p-map';
import type { Catalog } from '../catalog/catalog.ts';
import { type RowKey, sourceKeyParser } from '../source/source-key.ts';
import { faultyObject, isSameVersion, type SourceObject } from '../source/source-object.ts';
import { openChangeRecorder } from './record-changes.ts';
import { emptyScanResult, type ScanResult } from './scan-result.ts';

/** An object; an error when it affects this object alone; undefined when there is no object. */
type Found = ObjectHead | StoreError | 'passed-over' | undefined;

/**
 * Compares only the objects with these keys with the catalog. See `scanBucket`.
 *
 * @param seenUntil see `scanBucket`
 * @param concurrency maximum number of concurrent requests
 * @throws StoreError when it affects the whole store
 */
export async function scanKeys(
  store: ObjectStore,
  bucket: string,
  catalog: Catalog,
  keys: readonly string[],
  seenUntil: number,
  concurrency: number,
): Promise<ScanResult> {
  const result = emptyScanResult();
  const changes = openChangeRecorder(catalog, result);
  const isPassedOver = passedOverTest(catalog.definition);
  const parseKey = sourceKeyParser(catalog.definition);
  const sorted = keys.toSorted(compareBytes);
  const find = async (key: string): Promise<Found> =>
    isPassedOver(key) ? 'passed-over' : readVersion(store, bucket, key);
  const found = await pMap(sorted, find, { concurrency });
  for (const [i, key] of sorted.entries()) {
    const source = parseKey(key);
    if (source.kind === 'other') continue;
    const [version, known] = [found[i], catalog.object(key)];
    if (version === 'passed-over') result.passedOver++;
    else if (version) {
      result.listed++;
      result.example ??= key;
    }
    if (version === undefined || version === 'passed-over') {
      if (known) changes.remove(key);
    } else if (version instanceof StoreError) {
      const faulty = toFaultyObject(key, source, version);
      if (faulty) changes.put(faulty, source, !known);
    } else if (!known || !isSameVersion(known, { key, ...version })) {
      changes.put({ key, ...version }, source, !known);
      const { modified = seenUntil } = version;
      if (modified > seenUntil) result.putTimes.add(modified);
    } else if (source.kind === 'record') {
      result.unchanged++;
      if (catalog.isUnreadable(key)) changes.retry(source.id);
    }
  }
  changes.flush();
  return result;
}

async function readVersion(store: ObjectStore, bucket: string, key: string): Promise<Found> {
  try {
    return await store.head(bucket, key);
  } catch (error) {
    if (error instanceof StoreError && isObjectFault(error)) return error;
    throw error;
  }
}

/**
 * The catalog entry of an object whose metadata could not be read. A record gets no version: reading it then shows the fault,
 * and whether the store works at all. A companion stays as it was.
 */
function toFaultyObject(
  key: string,
  { kind }: RowKey,
  { code, message }: StoreError,
): SourceObject | undefined {
  if (code === 'outside_bucket') return faultyObject(key, { code, detail: message });
  return kind === 'record' ? { key, etag: '', size: 0 } : undefined;
}
