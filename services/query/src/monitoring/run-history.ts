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

/** So many runs are remembered. */
const CAPACITY = 100;
/** The report of a run may come this much later than the first message of the run after it, ms. */
const REPORT_GRACE_MS = 10_000;

export type RunHistory = ReturnType<typeof openRunHistory>;

/**
 * What is known of the recent runs, from the bus: told as they go, and, at each connection, the last word on
 * those before.
 *
 * There is one run at a time. One that went on when a later one began, and of which no report comes within the grace, is over
 * with an outcome that is not known. A report that comes after that replaces this verdict.
 *
 * @param onRun called with every change
 * @param graceMs ms; only tests need another
 */
export function openRunHistory(
  bus: EventBus,
  onRun: (run: Run) => void,
  log: Logger,
  graceMs = REPORT_GRACE_MS,
) {
  const runs = new Map<string, Run>();
  const waiting = new Map<string, Set<(report: RunReport) => void>>();
  /** Runs that a later one has followed, until their report or the end of the grace. */
  const overrun = new Map<string, NodeJS.Timeout>();
  /** Runs whose report is a verdict, and not the ingestor's. */
  const assumed = new Set<string>();

  function record(run: Run, isAssumed = false): void {
    const known = runs.get(run.run_id);
    if (known && isReport(known) && !(assumed.has(run.run_id) && isReport(run))) return;
    if (isReport(run)) settle(run.run_id, isAssumed);
    runs.set(run.run_id, run);
    if (runs.size > CAPACITY) forget(newestFirst().at(-1)?.run_id ?? '');
    onRun(run);
    if (!isReport(run)) return;
    for (const tell of waiting.get(run.run_id) ?? []) tell(run);
    waiting.delete(run.run_id);
  }

  function settle(runId: string, isAssumed: boolean): void {
    clearTimeout(overrun.get(runId));
    overrun.delete(runId);
    if (isAssumed) assumed.add(runId);
    else assumed.delete(runId);
  }

  function forget(runId: string): void {
    settle(runId, false);
    runs.delete(runId);
  }

  function giveGrace(later: Run): void {
    if (later.status === 'queued') return;
    for (const run of runs.values()) {
      if (isReport(run) || run.run_id === later.run_id || run.started_at >= later.started_at) continue;
      if (overrun.has(run.run_id)) continue;
      const timer = setTimeout(() => {
        const last = runs.get(run.run_id);
        if (last && !isReport(last)) record(unknownOutcome(last, later), true);
      }, graceMs);
      overrun.set(run.run_id, timer.unref());
    }
  }

  function take(message: unknown): void {
    const run = parseRun(message);
    record(run);
    giveGrace(run);
  }

  /** Messages that are not runs hide no others. */
  function takeKept(message: unknown): void {
    try {
      take(message);
    } catch (error) {
      log.warn({ err: error }, 'a kept message about a run is passed over');
    }
  }

  const newestFirst = (): Run[] =>
    [...runs.values()]
      .reverse()
      .sort((a, b) => (a.started_at < b.started_at ? 1 : a.started_at > b.started_at ? -1 : 0));

  const unsubscribe = bus.subscribe(INGEST_PROGRESS_ALL, take);
  const leaveBus = bus.onConnected(async () => {
    try {
      for (const message of await bus.lastKept(INGEST_PROGRESS_ALL)) takeKept(message);
    } catch (error) {
      log.warn({ err: error }, 'earlier runs are not known');
    }
  });

  return {
    newestFirst,
    get: (runId: string): Run | undefined => runs.get(runId),

    /**
     * The report of a run, as soon as there is one.
     *
     * @param withinMs how long to wait, ms
     * @param signal ends the wait
     * @returns undefined when the run goes on after that
     */
    report(runId: string, withinMs: number, signal?: AbortSignal): Promise<RunReport | undefined> {
      const known = runs.get(runId);
      if (known && isReport(known)) return Promise.resolve(known);
      if (signal?.aborted) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const listeners = waiting.get(runId) ?? new Set();
        waiting.set(runId, listeners);
        const answer = (report: RunReport | undefined) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', giveUp);
          listeners.delete(answer);
          if (listeners.size === 0 && waiting.get(runId) === listeners) waiting.delete(runId);
          resolve(report);
        };
        const giveUp = () => answer(undefined);
        const timer = setTimeout(giveUp, withinMs);
        signal?.addEventListener('abort', giveUp);
        listeners.add(answer);
      });
    },
    stop(): void {
      unsubscribe();
      leaveBus();
      for (const timer of overrun.values()) clearTimeout(timer);
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
      `No report of this run has come, and run ${later.run_id} began after it: its outcome is not known. Its ingestor may ` +
      'have been stopped, another one may have taken over, or the report was lost.',
  };
}
