import type { RunCounts } from '@landfall/contracts/messages/run';
import { msUntilSettled, type Unsettled } from '../fetch/unsettled.ts';
import { type ReconcileDeps, reconcile } from './reconcile.ts';

/** Dependencies of `reconcileSettled`. */
export interface ReconcileSettledDeps extends ReconcileDeps {
  /** Called with files that may still be written and must be read later. */
  onUnsettled: (unsettled: Unsettled) => void;
}

/**
 * Reconciles all queued rows.
 *
 * @param waits whether to wait for files that may still be written, at most five seconds. Files that change even then are
 *   left to a later run: they may be incomplete
 * @returns whether files were left to a later run
 */
export async function reconcileSettled(
  deps: ReconcileSettledDeps,
  waits: boolean,
  counts: RunCounts,
  now: number,
  onProgress: (done: number, total: number) => void,
): Promise<boolean> {
  const { catalog } = deps;
  let unsettled = await reconcile(deps, counts, now, onProgress, 0);
  if (unsettled && waits) {
    const ms = msUntilSettled(unsettled, deps.clock());
    await new Promise((resolve) => setTimeout(resolve, ms));
    await catalog.transaction(() => catalog.queueUnsettled());
    // `readyAt`, since a timer may fire a millisecond early.
    unsettled = await reconcile(deps, counts, now, onProgress, unsettled.readyAt);
  }
  if (unsettled) deps.onUnsettled(unsettled);
  return unsettled !== undefined;
}
