import { debounce } from '@landfall/concurrency/debounce';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { passedOverTest } from '@landfall/contracts/definition/passed-over-keys';
import { BUCKET_EVENTS, eventTimes, parseBucketEvent } from '@landfall/contracts/messages/bucket-event';
import { MessageError } from '@landfall/contracts/messages/message-error';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';
import { LeadershipLostError } from '../errors/leadership-lost.ts';
import type { IngestorMetrics } from '../metrics/ingestor-metrics.ts';
import type { RunQueue } from '../run/run-queue.ts';
import { FULL_SCOPE, keyScope, type RunScope, unionScopes } from '../run/run-spec.ts';
import { sourceKeyParser } from '../source/source-key.ts';

export interface BucketEventDeps {
  bus: EventBus;
  definition: Definition;
  /** The source bucket. */
  bucket: string;
  runs: RunQueue;
  /**
   * Rejects when another ingestor leads. The message is then redelivered to that ingestor. If this one acknowledged it, it would be
   * lost: the other may have listed before the object was put.
   */
  confirmLeadership: () => Promise<void>;
  metrics?: IngestorMetrics | undefined;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

/**
 * Requests a run of the changed keys when the source bucket sends events. A message is acknowledged once it is in a burst:
 * after a crash before the run, the next start lists everything. After each reconnection of the bus, when events may have
 * been lost, it requests a full run.
 *
 * @returns stops consuming
 */
export function consumeBucketEvents({
  bus,
  definition,
  bucket,
  runs,
  confirmLeadership,
  metrics,
  clock,
  log,
}: BucketEventDeps): () => void {
  const isPassedOver = passedOverTest(definition);
  const parseKey = sourceKeyParser(definition);
  const burst = debounce<RunScope>((scopes) =>
    runs.request({ trigger: 'bucket', scope: unionScopes(scopes) }),
  );
  let hasRun = false;
  const unsubscribeReports = runs.onReport(() => {
    hasRun = true;
  });
  // On the first connection, the start run lists everything, unless it has ended already.
  let isFirst = true;
  let hasStopped = false;
  const unsubscribeConnected = bus.onConnected(() => {
    if (!isFirst || hasRun) burst.add(FULL_SCOPE);
    isFirst = false;
  });
  const stopConsuming = bus.consume(BUCKET_EVENTS, async (message) => {
    await confirmLeadership();
    try {
      const changed = parseBucketEvent(message, bucket);
      const now = clock();
      for (const at of metrics ? eventTimes(message) : []) metrics?.observeEventDelay(now - at);
      if (hasStopped) throw new LeadershipLostError('this ingestor no longer leads');
      if (!changed) return burst.add(FULL_SCOPE);
      const keys = changed.filter((key) => parseKey(key).kind !== 'other');
      // Tools write their files all the time. These cause no run, but a run for other keys counts them.
      if (!keys.every(isPassedOver)) burst.add(keyScope(new Set(keys)));
    } catch (error) {
      // A redelivery would fail forever. The next listing finds the change.
      if (!(error instanceof MessageError)) throw error;
      log.warn({ err: error }, 'an invalid message about the bucket is ignored');
    }
  });
  return () => {
    hasStopped = true;
    unsubscribeConnected();
    stopConsuming();
    unsubscribeReports();
    burst.cancel();
  };
}
