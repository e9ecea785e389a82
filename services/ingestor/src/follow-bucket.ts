import { BUCKET_EVENTS, type ChangedKeys, parseBucketEvent } from '@landfall/contracts/bucket-event';
import { MessageError } from '@landfall/contracts/message-error';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';
import { gather } from './gather.ts';
import type { Runs } from './runs.ts';
import { readSourceKey } from './source-key.ts';
import { MAX_KEYS } from './wish.ts';

/**
 * Asks for a run when the source bucket tells that it has changed, of the objects it names. A message is done with
 * once it is gathered: should this process end before the run, the next start lists everything. After the bus was away,
 * when nothing could be told, it asks for a listing.
 *
 * @returns leaves the bucket
 */
export function followBucket(bus: EventBus, bucket: string, runs: Runs, log: Logger): () => void {
  const burst = gather<ChangedKeys>((changes) => runs.ask({ trigger: 'bucket', keys: keysOf(changes) }));
  let hasRun = false;
  const forget = runs.onReport(() => {
    hasRun = true;
  });
  // The first time it is the run of the start that lists, unless that one is over.
  let isFirst = true;
  const leaveBus = bus.onConnected(() => {
    if (!isFirst || hasRun) burst.add(undefined);
    isFirst = false;
  });
  const leave = bus.consume(BUCKET_EVENTS, (message) => {
    try {
      const changed = parseBucketEvent(message, bucket)?.filter((key) => readSourceKey(key).kind !== 'other');
      if (changed?.length !== 0) burst.add(changed);
    } catch (error) {
      // It would come again for ever. What it meant the next listing finds.
      if (!(error instanceof MessageError)) throw error;
      log.warn({ err: error }, 'a message about the bucket is passed over');
    }
  });
  return () => {
    leaveBus();
    leave();
    forget();
    burst.drop();
  };
}

/** @returns undefined when all there is has to be looked at */
function keysOf(changes: readonly ChangedKeys[]): ReadonlySet<string> | undefined {
  const keys = new Set<string>();
  for (const changed of changes) {
    if (!changed) return undefined;
    for (const key of changed) keys.add(key);
    if (keys.size > MAX_KEYS) return undefined;
  }
  return keys;
}
