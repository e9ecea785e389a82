import { once } from 'node:events';
import type { Test } from 'tap';
import type { ObjectStore } from './object-store.ts';

/** A store whose changes are changes, with two buckets that are there and empty; changes is what happens in the first. */
export interface WatchedStore {
  store: ObjectStore;
  bucket: string;
  otherBucket: string;
  changes: RecordedChanges;
}

const SOON_MS = 20_000;

/** Keys that must arrive unchanged. */
const KEYS = [
  '1000.csv',
  'with blank.csv',
  'plus+sign.csv',
  'percent%20.csv',
  'Grüße & 😀.png',
  'folder/a.csv',
  // The name of a tool's folder, which the watch of a folder must be told of.
  '.archive/a.csv',
  'folder/.archive/b/.archive/a.csv',
];

/** The contract of every store that reports changes. `make` is called for each case. */
export function bucketChangesContract(t: Test, make: (t: Test) => Promise<WatchedStore>): void {
  const bytes = (text: string) => Buffer.from(text);

  t.test('reports created, overwritten, copied and removed objects, for any key', async (t) => {
    const { store, bucket, changes } = await make(t);
    for (const key of KEYS) {
      await changes.after(key, () => store.put(bucket, key, bytes('one')));
      await changes.after(key, () => store.put(bucket, key, bytes('two')));
      await changes.after(`copy of ${key}`, () => store.copy(bucket, key, `copy of ${key}`));
      await changes.after(key, () => store.remove(bucket, key));
      t.pass(key);
    }
  });

  t.test('reports nothing about other buckets', async (t) => {
    const { store, bucket, otherBucket, changes } = await make(t);
    await store.put(otherBucket, 'elsewhere.csv', bytes('x'));
    await changes.after('here.csv', () => store.put(bucket, 'here.csv', bytes('x')));
    t.notOk(changes.has('elsewhere.csv'));
  });
}

export type RecordedChanges = ReturnType<typeof makeChangeRecorder>;

/** Records the reported changes, and waits for them. */
export function makeChangeRecorder() {
  let keys = new Set<string>();
  let isAll = false;
  const events = new EventTarget();
  const until = async (isReported: () => boolean) => {
    const signal = AbortSignal.timeout(SOON_MS);
    // Neither the watch nor the timeout keeps the process alive.
    const waiting = setInterval(() => undefined, SOON_MS);
    try {
      while (!isReported()) await once(events, 'change', { signal });
    } finally {
      clearInterval(waiting);
    }
  };
  return {
    record(changed: readonly string[] | undefined): void {
      for (const key of changed ?? []) keys.add(key);
      isAll ||= changed === undefined;
      events.dispatchEvent(new Event('change'));
    },
    has: (key: string): boolean => keys.has(key),
    /** Resolves when a change of the key is reported after `change`. */
    async after(key: string, change: () => Promise<unknown>): Promise<void> {
      keys = new Set();
      isAll = false;
      await change();
      await until(() => isAll || keys.has(key));
    },
    /** Resolves when an unknown change is reported after `change`. */
    async afterAll(change: () => Promise<unknown>): Promise<void> {
      isAll = false;
      await change();
      await until(() => isAll);
    },
    all: (wanted: readonly string[]): Promise<void> =>
      until(() => isAll || wanted.every((key) => keys.has(key))),
  };
}
