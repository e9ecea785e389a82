import { INGEST_RUN, parseRunRequest, type RunAccepted } from '@landfall/contracts/messages/events';
import { MessageError } from '@landfall/contracts/messages/message-error';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { RunQueue } from '../run/run-queue.ts';

/**
 * Answers requests on `ingest.run` with the id of the run.
 *
 * @returns stops answering
 */
export const answerRunRequests = (bus: EventBus, runs: RunQueue): (() => void) =>
  bus.respond(INGEST_RUN, (message) => requestRun(runs, message));

/** An empty message is valid. An invalid one gets an error as its reply, so that the sender does not wait for a timeout. */
function requestRun(runs: RunQueue, message: unknown): RunAccepted | { error: string } {
  try {
    const { force = false } = parseRunRequest(message ?? {});
    return { run_id: runs.request({ trigger: 'request', force }).job.run_id };
  } catch (error) {
    if (error instanceof MessageError) return { error: error.message };
    throw error;
  }
}
