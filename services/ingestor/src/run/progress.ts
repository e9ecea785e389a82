import { ingestProgress } from '@landfall/contracts/messages/events';
import type { RunPhase, RunProgress, RunReport } from '@landfall/contracts/messages/run';
import type { EventBus } from '@landfall/event-bus/event-bus';

/** Minimum time between two progress messages, ms. */
const PUBLISH_INTERVAL_MS = 200;
/** Minimum time of a phase before a rate is meaningful, ms. */
const MIN_RATE_MS = 200;

/** Receives the progress of a phase; `total` is null while it is not known. */
export type OnProgress = (phase: RunPhase, done: number, total: number | null) => void;

/** The fields that every message about a run has. */
export type RunIdentity = Pick<RunReport, 'run_id' | 'trigger' | 'started_at'>;

/** Publishes that a run is queued. */
export function publishQueued(bus: EventBus, run: RunIdentity): void {
  publish(bus, {
    ...run,
    status: 'queued',
    phase: 'list',
    done: 0,
    total: null,
    rate: null,
    remaining_ms: null,
  });
}

/** Publishes the progress of a run with its rate and the remaining time, at most five times per second. */
export function openProgressPublisher(bus: EventBus, run: RunIdentity): OnProgress {
  let lastPublished = Number.NEGATIVE_INFINITY;
  let currentPhase: RunPhase | undefined;
  let phaseStart = 0;
  return (phase, done, total) => {
    const time = performance.now();
    if (phase !== currentPhase) [currentPhase, phaseStart] = [phase, time];
    if (time - lastPublished < PUBLISH_INTERVAL_MS) return;
    lastPublished = time;
    const estimate = estimateRate(done, total, time - phaseStart);
    publish(bus, { ...run, status: 'running', phase, done, total, ...estimate });
  };
}

/**
 * Estimates the rate of a phase, items per second, and its remaining time, ms.
 *
 * @param elapsedMs since the start of the phase
 */
export function estimateRate(
  done: number,
  total: number | null,
  elapsedMs: number,
): Pick<RunProgress, 'rate' | 'remaining_ms'> {
  if (elapsedMs < MIN_RATE_MS || done === 0) return { rate: null, remaining_ms: null };
  const perMs = done / elapsedMs;
  const left = total === null ? null : Math.max(0, total - done);
  return {
    rate: Math.round(perMs * 1_000 * 10) / 10,
    remaining_ms: left === null ? null : Math.round(left / perMs),
  };
}

const publish = (bus: EventBus, progress: RunProgress): void =>
  bus.publish(ingestProgress(progress.run_id), progress);
