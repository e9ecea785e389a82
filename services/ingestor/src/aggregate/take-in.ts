import type { RunCounts } from '@landfall/contracts/messages/run';
import { settlesIn, type Unsettled } from '../fetch/unsettled.ts';
import { type Reconciliation, reconcile } from './reconcile.ts';

/** What taking in works on. */
export interface TakeInDeps extends Reconciliation {
  /** Called with files that were being written and have to be read later. */
  onUnsettled: (unsettled: Unsettled) => void;
}

/**
 * Makes rows of what was found. Files that are being written are left to a later run.
 *
 * @param waits whether they are waited for first. Those that are written to even then are left all the same: what is there
 *   may be cut
 */
export async function takeIn(
  ingestion: TakeInDeps,
  waits: boolean,
  counts: RunCounts,
  now: number,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const { catalog } = ingestion;
  let unsettled = await reconcile(ingestion, counts, now, onProgress, 0);
  if (unsettled && waits) {
    const ms = settlesIn(unsettled, ingestion.clock());
    await new Promise((resolve) => setTimeout(resolve, ms));
    await catalog.transaction(() => catalog.queueUnsettled());
    // A timer may fire a millisecond early.
    unsettled = await reconcile(ingestion, counts, now, onProgress, unsettled.readyAt);
  }
  if (unsettled) ingestion.onUnsettled(unsettled);
}
