import path from 'node:path';
import { noCounts } from '@landfall/contracts/run';
import { openCatalog } from '@landfall/ingestor/catalog';
import { ingest } from '@landfall/ingestor/ingestion';
import type { ObjectStore } from '@landfall/object-store/object-store';
import { PROCESSED, SOURCE } from './source-directory.ts';
import { openStore, type StoreAccess } from './store-access.ts';
import { plainRecord } from './user-files.ts';

/** What changes are made over: the source bucket may be in another store than the processed one. */
export interface Changes {
  store: StoreAccess;
  source: StoreAccess;
  stateDir: string;
  changes: number;
}

/** One object is changed, again and again; how long each took until it was published, ms, and what was asked. */
export async function measureChanges({ store, source, stateDir, changes }: Changes) {
  const requests: string[] = [];
  const both = counting(byBucket(openStore(source), openStore(store)), requests);
  const catalog = openCatalog(path.join(stateDir, 'catalog.sqlite'), fail);
  const ingestion = {
    store: both,
    catalog,
    sourceBucket: SOURCE,
    processedBucket: PROCESSED,
    stateDir,
    fetchConcurrency: 64,
    lastAnnounced: async () => 0,
  };
  const measured: { ms: number; requests: string[] }[] = [];
  for (let i = 0; i < changes; i++) {
    const key = `${1_000 + 7 * i}.csv`;
    await both.put(SOURCE, key, Buffer.from(plainRecord(Date.now() - i)));
    requests.length = 0;
    const start = performance.now();
    const counts = noCounts();
    const { manifest, published } = await ingest(
      ingestion,
      { keys: [key], force: false },
      counts,
      Date.now(),
      () => undefined,
    );
    if (!published) throw new Error(`the change of ${key} published nothing`);
    measured.push({ ms: performance.now() - start, requests: [...requests] });
    catalog.setPublished(manifest, counts);
  }
  catalog.close();
  return { ms: measured.map(({ ms }) => ms), requests: measured.map((each) => each.requests) };
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
    copy: (bucket, ...rest) => of(bucket).copy(bucket, ...rest),
    remove: (bucket, key) => of(bucket).remove(bucket, key),
    createBucket: (bucket) => of(bucket).createBucket(bucket),
  };
}

/** Notes what is asked of a store. */
function counting(store: ObjectStore, requests: string[]): ObjectStore {
  const note = (what: string) => void requests.push(what);
  return {
    ...store,
    list(bucket, prefix) {
      note(`list ${bucket}`);
      return store.list(bucket, prefix);
    },
    read(bucket, key, maxBytes) {
      note(`read ${bucket}/${key}`);
      return store.read(bucket, key, maxBytes);
    },
    readEach(bucket, keys, limits, onRead) {
      for (const key of keys) note(`read ${bucket}/${key}`);
      return store.readEach(bucket, keys, limits, onRead);
    },
    head(bucket, key) {
      note(`head ${bucket}/${key}`);
      return store.head(bucket, key);
    },
    put(bucket, key, content) {
      note(`put ${bucket}/${key}`);
      return store.put(bucket, key, content);
    },
    copy(bucket, from, to) {
      note(`copy ${bucket}/${to}`);
      return store.copy(bucket, from, to);
    },
  };
}

function fail(why: string): never {
  throw new Error(why);
}
