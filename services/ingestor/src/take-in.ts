import type { RunCounts } from '@landfall/contracts/run';
import type { Ingestion } from './ingestion.ts';
import { reconcile } from './reconcile.ts';
import { settlesIn } from './unsettled.ts';

/** Makes rows of what was found; files that are being written are waited for, or left to a later run. */
export async function takeIn(
  ingestion: Ingestion,
  waits: boolean,
  counts: RunCounts,
  now: number,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const { catalog } = ingestion;
  let unsettled = await reconcile(ingestion, counts, now, onProgress, false);
  if (unsettled && waits) {
    const ms = settlesIn(unsettled, ingestion.clock());
    await new Promise((resolve) => setTimeout(resolve, ms));
    await catalog.transaction(() => catalog.makeUnsettledDue());
    unsettled = await reconcile(ingestion, counts, now, onProgress, true);
  }
  if (unsettled) ingestion.onUnsettled(unsettled);
}
