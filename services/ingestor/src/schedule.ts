import type { RunReport, RunTrigger } from '@landfall/contracts/run';
import schedule from 'node-schedule';
import type { AskForRun } from './runs.ts';

/** After a failed run the first retry comes so soon, each further one after twice the time, ms. */
const FIRST_RETRY_MS = 5_000;

export interface Schedule {
  stop: () => void;
}

/**
 * Asks for a run every `everyMs` from now on. Dates are set one after the other: a cron line would count from
 * the full hour, which 25 minutes do not divide. A run that failed is tried again before its turn.
 *
 * @param firstRun the run of the start, which is tried again like all others
 * @param everyMs ms between two runs
 * @param clock ms since 1970 UTC
 */
export function startSchedule(
  ask: AskForRun,
  firstRun: Promise<RunReport>,
  everyMs: number,
  clock: () => number,
): Schedule {
  let due = clock();
  let retryMs = FIRST_RETRY_MS;
  let regular: schedule.Job | null = null;
  let retry: schedule.Job | null = null;
  let stopped = false;

  function follow(result: Promise<RunReport>, trigger: RunTrigger): void {
    result.then((report) => {
      retry?.cancel();
      retry = null;
      if (report.status === 'succeeded') retryMs = FIRST_RETRY_MS;
      else if (!stopped) retryLater(trigger);
    });
  }

  const run = (trigger: RunTrigger): void => follow(ask(trigger).result, trigger);

  function retryLater(trigger: RunTrigger): void {
    const wait = Math.min(retryMs, everyMs);
    retryMs = Math.min(retryMs * 2, everyMs);
    retry = schedule.scheduleJob(new Date(clock() + wait), () => run(trigger));
  }

  function armNext(): void {
    // A run may take longer than the time between two: what was missed is not made up for.
    do due += everyMs;
    while (due <= clock());
    regular = schedule.scheduleJob(new Date(due), () => {
      armNext();
      run('schedule');
    });
  }

  armNext();
  follow(firstRun, 'start');
  return {
    stop() {
      stopped = true;
      regular?.cancel();
      retry?.cancel();
    },
  };
}
