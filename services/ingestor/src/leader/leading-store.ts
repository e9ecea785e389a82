import { MANIFEST_KEY } from '@landfall/contracts/dataset/manifest';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { LeadershipLostError } from '../errors/leadership-lost.ts';

/** A store for the time of one leadership. */
export interface LeadingStore {
  store: ObjectStore;
  /** Fails every call that is under way or comes later: a run that goes on writes nothing more, and ends soon. */
  end: (error: LeadershipLostError) => void;
}

/**
 * Fences an ingestor's access to the store: once the leadership has ended, no call is made any more, and none is waited
 * for.
 *
 * @param confirm called before a manifest is put; rejects when another ingestor leads by now
 */
export function leadingStore(store: ObjectStore, confirm: () => Promise<void>): LeadingStore {
  const waiting = new Set<(error: LeadershipLostError) => void>();
  let ended: LeadershipLostError | undefined;

  /** Not Promise.race: a promise that stays pending for days would keep every call made meanwhile. */
  function call<T>(start: () => Promise<T>): Promise<T> {
    if (ended) return Promise.reject(ended);
    return new Promise((resolve, reject) => {
      waiting.add(reject);
      start()
        .then(resolve, reject)
        .finally(() => waiting.delete(reject));
    });
  }

  async function* list(bucket: string, prefix?: string) {
    const pages = store.list(bucket, prefix)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const page = await call(() => pages.next());
        if (page.done) return;
        yield page.value;
      }
    } finally {
      // Not waited for: the page that is under way may never come.
      pages.return?.()?.catch(() => undefined);
    }
  }

  return {
    store: {
      list,
      read: (...args) => call(() => store.read(...args)),
      readEach: (...args) => call(() => store.readEach(...args)),
      head: (...args) => call(() => store.head(...args)),
      open: (...args) => call(() => store.open(...args)),
      async put(bucket, key, ...rest) {
        if (key === MANIFEST_KEY) await call(confirm);
        return await call(() => store.put(bucket, key, ...rest));
      },
      supportsConditions: (bucket) => call(() => store.supportsConditions(bucket)),
      copy: (...args) => call(() => store.copy(...args)),
      remove: (...args) => call(() => store.remove(...args)),
      createBucket: (bucket) => call(() => store.createBucket(bucket)),
    },
    end(error) {
      ended ??= error;
      for (const reject of [...waiting]) reject(error);
      waiting.clear();
    },
  };
}
