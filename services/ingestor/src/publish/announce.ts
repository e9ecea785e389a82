import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { DATASET_UPDATED, datasetUpdated, parseDatasetUpdated } from '@landfall/contracts/messages/events';
import type { RunCounts } from '@landfall/contracts/messages/run';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';
import { inSpan, messageAttributes, NO_SPAN, type Span } from '@landfall/tracing/span';
import type { RetryQueue } from './retry-queue.ts';

/**
 * Announces a published data set. The stream stores repeated announcements within two minutes once.
 *
 * @param counts of the run that published it; null if unknown
 * @param span of the run, or its phase
 */
export async function announce(
  retryQueue: RetryQueue,
  manifest: Manifest,
  counts: RunCounts | null,
  span: Span = NO_SPAN,
): Promise<void> {
  const event = datasetUpdated(manifest, counts);
  const sent = span.child(`send ${DATASET_UPDATED}`, {
    kind: 'producer',
    attributes: {
      ...messageAttributes('send', DATASET_UPDATED),
      'landfall.generation': manifest.generation,
    },
  });
  await inSpan(sent, () => retryQueue.send(DATASET_UPDATED, event, event.id, sent.context));
}

/** The generation of the last event; 0 if there is none, undefined if it cannot be read. */
export async function lastAnnouncedGeneration(bus: EventBus, log: Logger): Promise<number | undefined> {
  try {
    const [event] = await bus.lastKept(DATASET_UPDATED);
    return event === undefined ? 0 : parseDatasetUpdated(event).data.generation;
  } catch (error) {
    log.warn({ err: error }, 'the last event could not be read');
    return undefined;
  }
}
