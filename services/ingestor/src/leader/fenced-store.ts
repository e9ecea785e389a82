import { MANIFEST_KEY } from '@landfall/contracts/dataset/manifest';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { LeadershipLostError } from '../errors/leadership-lost.ts';

/** A store that can be used during one leadership. */
export interface FencedStore {
  store: ObjectStore;
  /** Rejects all pending and later calls with `error`, so that an active run writes nothing more and ends soon. */
  close: (error: LeadershipLostError) => void;
}

/**
 * Fences an ingestor's access to the store: after the end of the leadership, no call is made and none is waited for.
 *
 * @param confirmLeadership called before each put of a manifest; rejects when another ingestor leads
 */
export function openFencedStore(store: ObjectStore, confirmLeadership: () => Promise<void>): FencedStore {
  const pending = new Set<(error: LeadershipLostError) => void>();
  let closedBy: LeadershipLostError | undefined;

  /** Not Promise.race: the promise of a leadership stays pending for days and would keep every call in memory. */
  function call<T>(start: () => Promise<T>): Promise<T> {
    if (closedBy) return Promise.reject(closedBy);
    return new Promise((resolve, reject) => {
      pending.add(reject);
      start()
        .then(resolve, reject)
        .finally(() => pending.delete(reject));
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
      // Without await: a pending page may never arrive.
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
        if (key === MANIFEST_KEY) await call(confirmLeadership);
        return await call(() => store.put(bucket, key, ...rest));
      },
      supportsConditions: (bucket) => call(() => store.supportsConditions(bucket)),
      copy: (...args) => call(() => store.copy(...args)),
      remove: (...args) => call(() => store.remove(...args)),
      createBucket: (bucket) => call(() => store.createBucket(bucket)),
    },
    close(error) {
      closedBy ??= error;
      for (const reject of [...pending]) reject(error);
      pending.clear();
    },
  };
}
