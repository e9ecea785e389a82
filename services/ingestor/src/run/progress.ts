import { ingestProgress } from '@landfall/contracts/messages/events';
import type { RunPhase, RunProgress, RunReport } from '@landfall/contracts/messages/run';
import type { EventBus } from '@landfall/event-bus/event-bus';

/** Progress is told at most this often, ms. */
const TELL_EVERY_MS = 200;
/** Before that a rate says nothing, ms. */
const RATE_AFTER_MS = 200;

/** Hears how far a run is in a phase; `total` is null when that is not known. */
export type OnProgress = (phase: RunPhase, done: number, total: number | null) => void;

/** What every word about a run says of it. */
export type RunIdentity = Pick<RunReport, 'run_id' | 'trigger' | 'started_at'>;

/** Tells that a run was asked for and waits. */
export function tellQueued(bus: EventBus, run: RunIdentity): void {
  tell(bus, {
    ...run,
    status: 'queued',
    phase: 'list',
    done: 0,
    total: null,
    rate: null,
    remaining_ms: null,
  });
}

/** Tells how far a run is, how fast it goes, and what is left, at most five times a second. */
export function progressTeller(bus: EventBus, run: RunIdentity): OnProgress {
  let last = Number.NEGATIVE_INFINITY;
  let phaseNow: RunPhase | undefined;
  let since = 0;
  return (phase, done, total) => {
    const time = performance.now();
    if (phase !== phaseNow) [phaseNow, since] = [phase, time];
    if (time - last < TELL_EVERY_MS) return;
    last = time;
    tell(bus, { ...run, status: 'running', phase, done, total, ...pace(done, total, time - since) });
  };
}

/** @param elapsedMs since the phase began */
export function pace(
  done: number,
  total: number | null,
  elapsedMs: number,
): Pick<RunProgress, 'rate' | 'remaining_ms'> {
  if (elapsedMs < RATE_AFTER_MS || done === 0) return { rate: null, remaining_ms: null };
  const perMs = done / elapsedMs;
  const left = total === null ? null : Math.max(0, total - done);
  return {
    rate: Math.round(perMs * 1_000 * 10) / 10,
    remaining_ms: left === null ? null : Math.round(left / perMs),
  };
}

const tell = (bus: EventBus, progress: RunProgress): void =>
  bus.publish(ingestProgress(progress.run_id), progress);
