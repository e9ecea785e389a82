import { INGEST_RUN, parseRunRequest, type RunAccepted } from '@landfall/contracts/messages/events';
import { MessageError } from '@landfall/contracts/messages/message-error';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { messageAttributes, NO_TRACER, type Tracer } from '@landfall/tracing/span';
import type { TraceContext } from '@landfall/tracing/trace-context';
import type { RunQueue } from '../run/run-queue.ts';

/**
 * Answers requests on `ingest.run` with the id of the run.
 *
 * @returns stops answering
 */
export const answerRunRequests = (bus: EventBus, runs: RunQueue, tracer: Tracer = NO_TRACER): (() => void) =>
  bus.respond(INGEST_RUN, (message, trace) => {
    const span = tracer.start(`process ${INGEST_RUN}`, trace ? [trace] : [], {
      kind: 'consumer',
      attributes: messageAttributes('process', INGEST_RUN),
    });
    const reply = requestRun(runs, message, span.context);
    if ('error' in reply) span.fail('invalid_request');
    else span.set({ 'landfall.run_id': reply.run_id });
    span.end();
    return reply;
  });

/** An empty message is valid. An invalid one gets an error as its reply, so that the sender does not wait for a timeout. */
function requestRun(
  runs: RunQueue,
  message: unknown,
  trace: TraceContext | undefined,
): RunAccepted | { error: string } {
  try {
    const { force = false } = parseRunRequest(message ?? {});
    const traces = trace ? [trace] : [];
    return { run_id: runs.request({ trigger: 'request', force, traces }).job.run_id };
  } catch (error) {
    if (error instanceof MessageError) return { error: error.message };
    throw error;
  }
}
