import { once } from 'node:events';
import { QUIET_MS } from '@landfall/concurrency/debounce';
import { BUCKET_EVENTS, bucketEvent } from '@landfall/contracts/messages/bucket-event';
import { DATASET_UPDATED } from '@landfall/contracts/messages/events';
import type { ObjectStore } from '@landfall/object-store/object-store';
import { plainRecord } from '../data/record-files.ts';
import { SOURCE } from '../data/source-directory.ts';
import { ingestorOver } from './ingestor.ts';
import { openStore, type StoreAccess } from './store-access.ts';

/** Stores of a change; the source bucket can be in another store than the processed bucket. */
export interface Changes {
  store: StoreAccess;
  source: StoreAccess;
  stateDir: string;
  changes: number;
}

/** Results of the changes. */
export interface Changed {
  /** Per change: time from the put to `dataset.updated`, without the debounce time. */
  ms: number[];
  /** Store requests of the last change. */
  requests: string[];
}

/**
 * Changes one record repeatedly while an ingestor runs: put, bucket event (sent here), run, announcement.
 */
export async function measureChanges({ store, source, stateDir, changes }: Changes): Promise<Changed> {
  const requests: string[] = [];
  const both = counting(byBucket(openStore(source), openStore(store)), requests);
  const { bus, ingestor } = ingestorOver(both, stateDir);
  await ingestor.firstRun;
  const updated = new EventTarget();
  bus.subscribe(DATASET_UPDATED, () => updated.dispatchEvent(new Event('update')));

  const ms: number[] = [];
  for (let i = 0; i < changes; i++) {
    const key = `${1_000 + 7 * i}.csv`;
    requests.length = 0;
    const start = performance.now();
    const update = once(updated, 'update');
    await both.put(SOURCE, key, Buffer.from(plainRecord(Date.now() - i)));
    bus.publish(BUCKET_EVENTS, bucketEvent(SOURCE, [key]));
    await update;
    ms.push(performance.now() - start - QUIET_MS);
  }
  await ingestor.stop();
  return { ms, requests: requests.slice(1) };
}

function byBucket(source: ObjectStore, processed: ObjectStore): ObjectStore {
  const of = (bucket: string) => (bucket === SOURCE ? source : processed);
  return {
    list: (bucket, prefix) => of(bucket).list(bucket, prefix),
    read: (bucket, ...rest) => of(bucket).read(bucket, ...rest),
    readEach: (bucket, ...rest) => of(bucket).readEach(bucket, ...rest),
    head: (bucket, key) => of(bucket).head(bucket, key),
    open: (bucket, key) => of(bucket).open(bucket, key),
    put: (bucket, ...rest) => of(bucket).put(bucket, ...rest),
    supportsConditions: (bucket) => of(bucket).supportsConditions(bucket),
    copy: (bucket, ...rest) => of(bucket).copy(bucket, ...rest),
    remove: (bucket, key) => of(bucket).remove(bucket, key),
    createBucket: (bucket) => of(bucket).createBucket(bucket),
  };
}

/** Records the requests to a store. */
function counting(store: ObjectStore, requests: string[]): ObjectStore {
  const noting =
    <Rest extends unknown[], Result>(
      what: string,
      ask: (bucket: string, key: string, ...rest: Rest) => Result,
    ) =>
    (bucket: string, key: string, ...rest: Rest): Result => {
      requests.push(`${what} ${bucket}/${key}`);
      return ask(bucket, key, ...rest);
    };
  return {
    ...store,
    read: noting('read', store.read),
    head: noting('head', store.head),
    put: noting('put', store.put),
    copy: noting('copy', store.copy),
    readEach(bucket, objects, ...rest) {
      for (const { key } of objects) requests.push(`read ${bucket}/${key}`);
      return store.readEach(bucket, objects, ...rest);
    },
  };
}
