import { INGEST_PROGRESS_ALL, parseRun } from '@landfall/contracts/messages/events';
import {
  isReport,
  noCounts,
  type Run,
  type RunProgress,
  type RunReport,
} from '@landfall/contracts/messages/run';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';

/** Runs that the history holds. */
const CAPACITY = 100;
/** How long the report of a run is awaited after the first message of the next run, ms. */
const REPORT_GRACE_MS = 10_000;

export type RunHistory = ReturnType<typeof openRunHistory>;

/**
 * The recent runs, from the messages on the bus. On each connection, it also reads the last message of earlier runs.
 *
 * One run executes at a time. When the next run begins and no report of the earlier one arrives within the grace period, the
 * earlier one counts as failed with an unknown outcome. A later report replaces that.
 *
 * @param onRun called with every change
 * @param graceMs grace period, ms; tests shorten it
 */
export function openRunHistory(
  bus: EventBus,
  onRun: (run: Run) => void,
  log: Logger,
  graceMs = REPORT_GRACE_MS,
) {
  const runs = new Map<string, Run>();
  const waiting = new Map<string, Set<(report: RunReport) => void>>();
  /** Timers of runs without a report that a later run has followed. */
  const graceTimers = new Map<string, NodeJS.Timeout>();
  /** Runs whose report was made here, because the ingestor sent none. */
  const assumed = new Set<string>();

  function record(run: Run, isAssumed = false): void {
    const known = runs.get(run.run_id);
    if (known && isReport(known) && !(assumed.has(run.run_id) && isReport(run))) return;
    if (isReport(run)) stopGrace(run.run_id, isAssumed);
    runs.set(run.run_id, run);
    if (runs.size > CAPACITY) remove(newestFirst().at(-1)?.run_id ?? '');
    onRun(run);
    if (!isReport(run)) return;
    for (const resolve of waiting.get(run.run_id) ?? []) resolve(run);
    waiting.delete(run.run_id);
  }

  function stopGrace(runId: string, isAssumed: boolean): void {
    clearTimeout(graceTimers.get(runId));
    graceTimers.delete(runId);
    if (isAssumed) assumed.add(runId);
    else assumed.delete(runId);
  }

  function remove(runId: string): void {
    stopGrace(runId, false);
    runs.delete(runId);
  }

  function startGrace(later: Run): void {
    if (later.status === 'queued') return;
    for (const run of runs.values()) {
      if (isReport(run) || run.run_id === later.run_id || run.started_at >= later.started_at) continue;
      if (graceTimers.has(run.run_id)) continue;
      const timer = setTimeout(() => {
        const last = runs.get(run.run_id);
        if (last && !isReport(last)) record(unknownOutcome(last, later), true);
      }, graceMs);
      graceTimers.set(run.run_id, timer.unref());
    }
  }

  function receive(message: unknown): void {
    const run = parseRun(message);
    record(run);
    startGrace(run);
  }

  /** Skips an invalid message, so that it does not hide the others. */
  function receiveStored(message: unknown): void {
    try {
      receive(message);
    } catch (error) {
      log.warn({ err: error }, 'a stored message about a run is invalid and was skipped');
    }
  }

  const newestFirst = (): Run[] =>
    [...runs.values()]
      .reverse()
      .sort((a, b) => (a.started_at < b.started_at ? 1 : a.started_at > b.started_at ? -1 : 0));

  const unsubscribe = bus.subscribe(INGEST_PROGRESS_ALL, receive);
  const leaveBus = bus.onConnected(async () => {
    try {
      for (const message of await bus.lastKept(INGEST_PROGRESS_ALL)) receiveStored(message);
    } catch (error) {
      log.warn({ err: error }, 'earlier runs could not be read from the event bus');
    }
  });

  return {
    newestFirst,
    get: (runId: string): Run | undefined => runs.get(runId),

    /**
     * Waits for the report of a run.
     *
     * @param withinMs timeout, ms
     * @param signal ends the wait
     * @returns undefined when there is no report in time
     */
    waitForReport(runId: string, withinMs: number, signal?: AbortSignal): Promise<RunReport | undefined> {
      const known = runs.get(runId);
      if (known && isReport(known)) return Promise.resolve(known);
      if (signal?.aborted) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const listeners = waiting.get(runId) ?? new Set();
        waiting.set(runId, listeners);
        const finish = (report: RunReport | undefined) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', giveUp);
          listeners.delete(finish);
          if (listeners.size === 0 && waiting.get(runId) === listeners) waiting.delete(runId);
          resolve(report);
        };
        const giveUp = () => finish(undefined);
        const timer = setTimeout(giveUp, withinMs);
        signal?.addEventListener('abort', giveUp);
        listeners.add(finish);
      });
    },
    stop(): void {
      unsubscribe();
      leaveBus();
      for (const timer of graceTimers.values()) clearTimeout(timer);
    },
  };
}

function unknownOutcome(run: RunProgress, later: Run): RunReport {
  const { run_id, trigger, started_at } = run;
  return {
    run_id,
    trigger,
    started_at,
    status: 'failed',
    ...noCounts(),
    published: false,
    generation: null,
    version: null,
    finished_at: later.started_at,
    duration_ms: Date.parse(later.started_at) - Date.parse(started_at),
    error:
      `The outcome of this run is unknown: no report arrived before run ${later.run_id} began. The ingestor may have been ` +
      'stopped, another one may have become the leader, or the report was lost.',
    error_code: 'outcome_unknown',
  };
}
