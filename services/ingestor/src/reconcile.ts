import type { Reject } from '@landfall/contracts/reject';
import type { RunCounts } from '@landfall/contracts/run';
import type { User } from '@landfall/contracts/user';
import { aggregate } from './aggregate.ts';
import type { Catalog, ReadRecord } from './catalog.ts';
import type { Claims } from './match.ts';

/** How many users are dealt with before other work gets its turn: about 10 ms. */
const USERS_PER_TURN = 1_000;

/**
 * Makes the catalog say what the bucket says. What was read, what became of it, and that it is yet to be
 * published are one transaction: a crash leaves all of it or nothing.
 *
 * @param records what was read in this run, by key
 * @param now the run's clock, ms since 1970 UTC
 */
export async function reconcile(
  catalog: Catalog,
  claims: Claims,
  records: ReadonlyMap<string, ReadRecord>,
  bucket: string,
  now: number,
  onProgress: (done: number, total: number) => void,
): Promise<Pick<RunCounts, 'added' | 'updated' | 'removed' | 'rejected'>> {
  const counts = { added: 0, updated: 0, removed: 0, rejected: 0 };
  const owners = new Set<string>();
  const rejected = new Set<string>();
  let changedRejects = 0;
  let done = 0;

  await catalog.transaction(async () => {
    for (const [userId, claim] of claims) {
      const [owner] = claim.records;
      if (owner) {
        owners.add(owner.key);
        const read = records.get(owner.key);
        if (read) catalog.putRecord(read);
        const reading = read?.reading ?? catalog.reading(owner);
        if (!reading) throw new Error(`${owner.key} was not read`);
        const previous = catalog.user(userId);
        const { user, rejects } = aggregate(userId, claim, reading, previous, bucket, now);
        if (user) countChange(user, previous);
        for (const reject of rejects) keepReject(reject);
      }
      if (++done % USERS_PER_TURN === 0) {
        onProgress(done, claims.size);
        await new Promise(setImmediate);
      }
    }
    await dropWhatIsGone();
    if (counts.added + counts.updated + counts.removed + changedRejects > 0) catalog.setDirty();
  });
  counts.rejected = rejected.size;
  return counts;

  function countChange(user: User, previous: User | undefined): void {
    if (previous && isSameUser(user, previous)) return;
    catalog.putUser(user);
    counts[previous ? 'updated' : 'added']++;
  }

  function keepReject(reject: Omit<Reject, 'since'>): void {
    rejected.add(reject.key);
    const known = catalog.reject(reject.key);
    if (known && isSameReject(reject, known)) return;
    const since = known?.reason === reject.reason ? known.since : new Date(now).toISOString();
    catalog.putReject({ ...reject, since });
    changedRejects++;
  }

  async function dropWhatIsGone(): Promise<void> {
    for await (const { user_id: userId } of catalog.users()) {
      if (claims.get(userId)?.records.length) continue;
      catalog.dropUser(userId);
      counts.removed++;
    }
    for await (const { key } of catalog.rejects()) {
      if (rejected.has(key)) continue;
      catalog.dropReject(key);
      changedRejects++;
    }
    for await (const { key } of catalog.recordKeys()) if (!owners.has(key)) catalog.dropRecord(key);
  }
}

const isSameUser = (a: User, b: User): boolean =>
  a.first_name === b.first_name &&
  a.last_name === b.last_name &&
  a.birthts === b.birthts &&
  a.img_path === b.img_path;

const isSameReject = (a: Omit<Reject, 'since'>, b: Reject): boolean =>
  a.user_id === b.user_id &&
  a.reason === b.reason &&
  a.detail === b.detail &&
  a.kept_previous === b.kept_previous;
