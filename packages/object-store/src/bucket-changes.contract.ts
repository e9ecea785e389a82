import { once } from 'node:events';
import type { Test } from 'tap';
import type { ObjectStore } from './object-store.ts';

/** A store whose changes are told, with two buckets that are there and empty; told is what happens in the first. */
export interface ToldStore {
  store: ObjectStore;
  bucket: string;
  otherBucket: string;
  told: Told;
}

const SOON_MS = 20_000;

/** Names as they come: none may be bent on the way. */
const KEYS = [
  '1000.csv',
  'with blank.csv',
  'plus+sign.csv',
  'percent%20.csv',
  'Grüße & 😀.png',
  'folder/a.csv',
];

/** What every store that tells its changes has to do: `make` is called for each case. */
export function bucketChangesContract(t: Test, make: (t: Test) => Promise<ToldStore>): void {
  const bytes = (text: string) => Buffer.from(text);

  t.test('reports created, overwritten, copied and removed objects, for any key', async (t) => {
    const { store, bucket, told } = await make(t);
    for (const key of KEYS) {
      await told.after(key, () => store.put(bucket, key, bytes('one')));
      await told.after(key, () => store.put(bucket, key, bytes('two')));
      await told.after(`copy of ${key}`, () => store.copy(bucket, key, `copy of ${key}`));
      await told.after(key, () => store.remove(bucket, key));
      t.pass(key);
    }
  });

  t.test('reports nothing about other buckets', async (t) => {
    const { store, bucket, otherBucket, told } = await make(t);
    await store.put(otherBucket, 'elsewhere.csv', bytes('x'));
    await told.after('here.csv', () => store.put(bucket, 'here.csv', bytes('x')));
    t.notOk(told.has('elsewhere.csv'));
  });
}

export type Told = ReturnType<typeof makeTold>;

/** Notes what is told, and can wait for it. */
export function makeTold() {
  let keys = new Set<string>();
  let isAll = false;
  const news = new EventTarget();
  const until = async (isTold: () => boolean) => {
    const signal = AbortSignal.timeout(SOON_MS);
    // A watch keeps no process alive, nor does the time-out.
    const waiting = setInterval(() => undefined, SOON_MS);
    try {
      while (!isTold()) await once(news, 'told', { signal });
    } finally {
      clearInterval(waiting);
    }
  };
  return {
    tell(changed: readonly string[] | undefined): void {
      for (const key of changed ?? []) keys.add(key);
      isAll ||= changed === undefined;
      news.dispatchEvent(new Event('told'));
    },
    has: (key: string): boolean => keys.has(key),
    /** Resolves once a change is told that came after `change` began. */
    async after(key: string, change: () => Promise<unknown>): Promise<void> {
      keys = new Set();
      isAll = false;
      await change();
      await until(() => isAll || keys.has(key));
    },
    /** Resolves once it is told, after `change`, that it is not known what changed. */
    async afterAll(change: () => Promise<unknown>): Promise<void> {
      isAll = false;
      await change();
      await until(() => isAll);
    },
    all: (wanted: readonly string[]): Promise<void> =>
      until(() => isAll || wanted.every((key) => keys.has(key))),
  };
}
