import type { Manifest } from '@landfall/contracts/manifest';
import type { Catalog } from './catalog.ts';
import { match } from './match.ts';

/** A smaller data set may lose as many users as it likes. */
const MIN_USERS = 100;

/** Thrown when a run would drop more than half of the data set, and nobody said that this is meant. */
export class MassRemovalError extends Error {
  override name = 'MassRemovalError';

  constructor(removed: number, users: number) {
    super(
      `the source bucket has lost ${removed} of the ${users} users that are published, more than half: was it emptied, or mounted wrongly? Nothing is published. If this is meant, ask with POST /data?force=true`,
    );
  }
}

export type RemovalGuard = ReturnType<typeof removalGuard>;

/**
 * Stops a run that would drop more than half of a data set of over 100 users: an emptied or wrongly mounted bucket
 * must not empty the API.
 *
 * @param published what is published now
 * @param force whether the run may drop any number
 */
export function removalGuard(catalog: Catalog, published: Manifest | undefined, force: boolean) {
  const users = published?.rows ?? 0;
  const allowed = force || users <= MIN_USERS ? Number.POSITIVE_INFINITY : users / 2;

  function check(removed: number): void {
    if (removed > allowed) throw new MassRemovalError(removed, users);
  }

  return {
    /** Before anything is made of a scan that found so many objects gone. */
    checkScan(gone: number): void {
      if (gone > allowed) check(countLeaving(catalog));
    },
    /** While users go one after the other: objects may vanish after the listing, too. */
    check,
    /**
     * Before publishing: over several runs that failed, more may have gone than any of them saw.
     *
     * @param left the users that would be published
     */
    checkLeft: (left: number): void => check(users - left),
  };
}

/** Users of the data set who have no record any more. */
function countLeaving(catalog: Catalog): number {
  const leaving = new Set<string>();
  for (let step = catalog.dueStep(0); step; step = catalog.dueStep(step.batch)) {
    for (const { userId, user, objects } of step.users) {
      if (user && match(userId, objects).records.length === 0) leaving.add(userId);
    }
  }
  return leaving.size;
}
