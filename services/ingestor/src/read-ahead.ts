import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Catalog } from './catalog.ts';
import { fetchRecords, type ReadUser } from './fetch.ts';

/**
 * So many steps are read at once, sharing what may be asked for at once: while the last objects of one are waited for,
 * those of the next are on their way.
 */
const READ_AHEAD = 2;
/**
 * A step has so many times as many users as are read at once. Of more, too much would outlive V8's young generation,
 * and be kept for long; of fewer, requests would wait for each other too often.
 */
const STEP = 4;
/** Users who were read together. */
export interface ReadStep {
  /** All who were due after this one, up to that one, in byte order of their ids. */
  after: string;
  upTo: string;
  users: ReadUser[];
}

/**
 * Reads those who are due, a step after the other, ahead of the one that is asked for.
 *
 * @param concurrency so many objects are read at once at most, in all steps together
 */
export function readAhead(store: ObjectStore, catalog: Catalog, bucket: string, concurrency: number) {
  const steps = Math.min(READ_AHEAD, concurrency);
  const reading: (Omit<ReadStep, 'users'> & { users: Promise<ReadUser[]> })[] = [];
  let after = '';

  function ask(): void {
    const due = catalog.dueUsers(after, STEP * concurrency);
    const upTo = due.at(-1)?.userId;
    if (upTo === undefined) return;
    const users = fetchRecords(store, bucket, due, Math.floor(concurrency / steps));
    // Should a step before it fail, nobody waits for this one any more.
    users.catch(() => undefined);
    reading.push({ after, upTo, users });
    after = upTo;
  }

  for (let i = 0; i < steps; i++) ask();
  return {
    /**
     * The next step; undefined when there are no more.
     *
     * @throws StoreError when it could not be read
     */
    async next(): Promise<ReadStep | undefined> {
      const first = reading.shift();
      if (!first) return undefined;
      const users = await first.users;
      ask();
      return { ...first, users };
    },
  };
}
