import { gather } from '@landfall/concurrency/debounce';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { BUCKET_EVENTS, type ChangedKeys, parseBucketEvent } from '@landfall/contracts/messages/bucket-event';
import { MessageError } from '@landfall/contracts/messages/message-error';
import { isPassedOver } from '@landfall/contracts/text/passed-over';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';
import { LeadershipLostError } from '../errors/leadership-lost.ts';
import type { Runs } from '../run/run-queue.ts';
import { MAX_KEYS } from '../run/run-spec.ts';
import { sourceKeyParser } from '../source/source-key.ts';

/**
 * Asks for a run when the source bucket tells that it has changed, of the objects it names. A message is done with
 * once it is gathered: should this process end before the run, the next start lists everything. After the bus was away,
 * when nothing could be told, it asks for a listing.
 *
 * @param confirm rejects when another ingestor leads. The message then comes again, to that one: taken here, it would be lost,
 *   because the other one may have listed before the object was put
 * @returns leaves the bucket
 */
export function followBucket(
  bus: EventBus,
  definition: Definition,
  bucket: string,
  runs: Runs,
  confirm: () => Promise<void>,
  log: Logger,
): () => void {
  const parseKey = sourceKeyParser(definition);
  const burst = gather<ChangedKeys>((changes) => runs.ask({ trigger: 'bucket', keys: keysOf(changes) }));
  let hasRun = false;
  const forget = runs.onReport(() => {
    hasRun = true;
  });
  // The first time it is the run of the start that lists, unless that one is over.
  let isFirst = true;
  let hasLeft = false;
  const leaveBus = bus.onConnected(() => {
    if (!isFirst || hasRun) burst.add(undefined);
    isFirst = false;
  });
  const leave = bus.consume(BUCKET_EVENTS, async (message) => {
    await confirm();
    try {
      const changed = parseBucketEvent(message, bucket)?.filter((key) => parseKey(key).kind !== 'other');
      if (hasLeft) throw new LeadershipLostError('this ingestor does not lead any more');
      // Odd files are counted by a run that other keys cause. Alone they cause none: tools write them all the time.
      if (!changed?.every(isPassedOver)) burst.add(changed);
    } catch (error) {
      // It would come again for ever. What it meant the next listing finds.
      if (!(error instanceof MessageError)) throw error;
      log.warn({ err: error }, 'a message about the bucket is passed over');
    }
  });
  return () => {
    hasLeft = true;
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
