import type { RunReport } from '@landfall/contracts/run';
import schedule from 'node-schedule';
import type { Runs } from './runs.ts';

/** After a failed run the first retry comes so soon, each further one after twice the time, ms. */
const FIRST_RETRY_MS = 1_000;

export interface Schedule {
  stop: () => void;
}

/**
 * Asks for a run every `everyMs` from now on. Dates are set one after the other: a cron line would count from
 * the full hour, which 25 minutes do not divide. A run that failed, whoever asked for it, is tried again before
 * the next one's turn.
 *
 * @param everyMs ms between two runs
 * @param clock ms since 1970 UTC
 */
export function startSchedule(runs: Runs, everyMs: number, clock: () => number): Schedule {
  let due = clock();
  let retryMs = FIRST_RETRY_MS;
  let regular: schedule.Job | null = null;
  let retry: schedule.Job | null = null;

  function armNext(): void {
    // A run may take longer than the time between two: what was missed is not made up for.
    do due += everyMs;
    while (due <= clock());
    regular = schedule.scheduleJob(new Date(due), () => {
      armNext();
      runs.ask({ trigger: 'schedule' });
    });
  }

  function armRetry({ status }: RunReport): void {
    retry?.cancel();
    retry = null;
    if (status === 'succeeded') {
      retryMs = FIRST_RETRY_MS;
      return;
    }
    retry = schedule.scheduleJob(new Date(clock() + retryMs), () => void runs.ask({ trigger: 'schedule' }));
    retryMs = Math.min(retryMs * 2, everyMs);
  }

  armNext();
  const unsubscribe = runs.onReport(armRetry);
  return {
    stop() {
      unsubscribe();
      regular?.cancel();
      retry?.cancel();
    },
  };
}
