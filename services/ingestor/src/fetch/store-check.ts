import {
  isObjectFault,
  type ObjectStore,
  StoreError,
  type StoreErrorCode,
} from '@landfall/object-store/object-store';
import type { Catalog } from '../catalog/catalog.ts';
import type { ReadUser } from './fetch.ts';

/** Errors of one object that the whole store may have. */
const DOUBTFUL: ReadonlySet<StoreErrorCode> = new Set(['access_denied', 'timeout', 'unreadable']);
/** Records that are read to see whether the store gives anything. One alone may have gone bad. */
const PROBES = 3;
/** After this many failed reads, none of them successful and no known record readable either, the run gives up. */
const MAX_FAILURES = 1_024;
/** Each timeout costs a deadline. */
const MAX_TIMEOUTS = 64;

/**
 * Tells objects that cannot be read from a store that gives nothing. The first are rejects and the run goes on; the second
 * fails the run, or a mirror without rights would make rejects of everything.
 *
 * As soon as one record can be read the store is all right. Until then nothing may be committed.
 */
export function openReadCheck(store: ObjectStore, bucket: string, catalog: Catalog) {
  const failed = new Set<string>();
  let timeouts = 0;
  let first: StoreError | undefined;
  let hasRead = false;
  /** What became of reading known records; undefined when that was not tried, or none is known. */
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
     * Counts what came of reading some users.
     *
     * @throws StoreError when it is certain enough that the store gives nothing
     */
    async note(users: readonly ReadUser[]): Promise<void> {
      hasRead ||= users.some(({ wasRead }) => wasRead);
      for (const { failure, claim } of users) {
        if (!failure || !DOUBTFUL.has(failure.code)) continue;
        first ??= failure;
        failed.add(claim.records[0]?.key ?? '');
        if (failure.code === 'timeout') timeouts++;
        if (hasRead) return;
      }
      if (!first || hasRead) return;
      if (!isProbed) await probe();
      hasRead ||= areKnownReadable === true;
      const isHopeless = areKnownReadable === false && failed.size >= MAX_FAILURES;
      if (!hasRead && (isHopeless || timeouts >= MAX_TIMEOUTS)) throw first;
    },
    /** Whether what was noted may be committed. */
    isTrusted: (): boolean => hasRead || first === undefined,
    /** @throws StoreError when nothing could be read */
    end(): void {
      if (hasRead || !first) return;
      // Of a single object, with none known that could be read, it is the object.
      if (areKnownReadable === false || failed.size > 1) throw first;
    },
  };
}
