import { INGEST_PROGRESS_ALL, parseRun } from '@landfall/contracts/events';
import { isReport, noCounts, type Run, type RunProgress, type RunReport } from '@landfall/contracts/run';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';

/** So many runs are remembered. */
const CAPACITY = 100;

export type RunHistory = ReturnType<typeof followRuns>;

/**
 * What is known of the recent runs, from the bus: told as they go, and, at each connection, the last word on
 * those before.
 *
 * @param onRun hears of every change
 */
export function followRuns(bus: EventBus, onRun: (run: Run) => void, log: Logger) {
  const runs = new Map<string, Run>();
  const waiting = new Map<string, Set<(report: RunReport) => void>>();

  function record(run: Run): void {
    const known = runs.get(run.run_id);
    if (known && isReport(known)) return;
    runs.set(run.run_id, run);
    if (runs.size > CAPACITY) runs.delete(newestFirst().at(-1)?.run_id ?? '');
    onRun(run);
    if (!isReport(run)) return;
    for (const tell of waiting.get(run.run_id) ?? []) tell(run);
    waiting.delete(run.run_id);
  }

  /** There is one run at a time: one that is said to go on although a later one began was cut off. */
  function endOverrun(later: Run): void {
    if (later.status === 'queued') return;
    for (const run of runs.values()) {
      if (!isReport(run) && run.run_id !== later.run_id && run.started_at < later.started_at) {
        record(interrupted(run, later));
      }
    }
  }

  function take(message: unknown): void {
    const run = parseRun(message);
    record(run);
    endOverrun(run);
  }

  const newestFirst = (): Run[] =>
    [...runs.values()]
      .reverse()
      .sort((a, b) => (a.started_at < b.started_at ? 1 : a.started_at > b.started_at ? -1 : 0));

  const unsubscribe = bus.subscribe(INGEST_PROGRESS_ALL, take);
  bus.onConnected(async () => {
    try {
      for (const message of await bus.lastKept(INGEST_PROGRESS_ALL)) take(message);
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
        const settle = (report: RunReport | undefined) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', giveUp);
          listeners.delete(settle);
          if (listeners.size === 0 && waiting.get(runId) === listeners) waiting.delete(runId);
          resolve(report);
        };
        const giveUp = () => settle(undefined);
        const timer = setTimeout(giveUp, withinMs);
        signal?.addEventListener('abort', giveUp);
        listeners.add(settle);
      });
    },
    stop: () => unsubscribe(),
  };
}

function interrupted(run: RunProgress, later: Run): RunReport {
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
    error: 'interrupted: the ingestor was stopped before it was done',
  };
}
