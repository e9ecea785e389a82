import {
  isObjectFault,
  type ObjectStore,
  StoreError,
  type StoreErrorCode,
} from '@landfall/object-store/object-store';
import type { Catalog } from '../catalog/catalog.ts';
import type { FetchedRow } from './fetch.ts';

/** Errors of one object that may affect the whole store. */
const DOUBTFUL: ReadonlySet<StoreErrorCode> = new Set(['access_denied', 'timeout', 'unreadable']);
/** Known records that are read to check the store. A single one may be broken. */
const PROBES = 3;
/** Failed reads without a success, and without a readable known record, after which the run fails. */
const MAX_FAILURES = 1_024;
/** Timeouts after which the run fails: each takes a whole deadline. */
const MAX_TIMEOUTS = 64;

/**
 * Distinguishes single unreadable objects, which are rejects, from a store that returns nothing, which fails the run: a mirror
 * without permissions must not turn every record into a reject.
 *
 * The store works as soon as one record can be read. Until then nothing may be committed.
 */
export function openStoreCheck(store: ObjectStore, bucket: string, catalog: Catalog) {
  const failed = new Set<string>();
  let timeouts = 0;
  let first: StoreError | undefined;
  let hasRead = false;
  /** Whether known records can be read; undefined when it was not tried, or there are none. */
  let areKnownReadable: boolean | undefined;
  let isProbed = false;

  async function probe(): Promise<void> {
    isProbed = true;
    const keys = catalog.sampleRecordKeys().filter((key) => !failed.has(key));
    for (const key of keys.slice(0, PROBES)) {
      try {
        await store.read(bucket, key, 1);
        areKnownReadable = true;
        return;
      } catch (error) {
        if (!(error instanceof StoreError) || !isObjectFault(error)) throw error;
        if (DOUBTFUL.has(error.code)) areKnownReadable = false;
      }
    }
  }

  return {
    /**
     * Counts the results of reading rows.
     *
     * @throws StoreError when the store very probably returns nothing
     */
    async count(rows: readonly FetchedRow[]): Promise<void> {
      hasRead ||= rows.some(({ wasRead }) => wasRead);
      for (const { failure, rowObjects } of rows) {
        if (!failure || !DOUBTFUL.has(failure.code)) continue;
        first ??= failure;
        failed.add(rowObjects.records[0]?.key ?? '');
        if (failure.code === 'timeout') timeouts++;
        if (hasRead) return;
      }
      if (!first || hasRead) return;
      if (!isProbed) await probe();
      hasRead ||= areKnownReadable === true;
      const isHopeless = areKnownReadable === false && failed.size >= MAX_FAILURES;
      if (!hasRead && (isHopeless || timeouts >= MAX_TIMEOUTS)) throw first;
    },
    /** Whether the counted results may be committed. */
    isTrusted: (): boolean => hasRead || first === undefined,
    /** @throws StoreError when nothing could be read */
    end(): void {
      if (hasRead || !first) return;
      // A single object without known records to compare: the object is broken.
      if (areKnownReadable === false || failed.size > 1) throw first;
    },
  };
}
