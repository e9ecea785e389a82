import type { RunReport } from '@landfall/contracts/messages/run';
import schedule from 'node-schedule';
import type { Runs } from '../run/run-queue.ts';

/** After a failed run the first retry comes so soon, each further one after twice the time, ms. */
const FIRST_RETRY_MS = 1_000;
/** How often a waiting job is armed anew, ms: node-schedule waits for a date, and the clock may be set back meanwhile. */
const ARM_EVERY_MS = 60_000;
/** A date that has passed while it was being set would make no job. */
const SHORTEST_MS = 10;

export interface Schedule {
  stop: () => void;
}

/**
 * Asks for a run every `everyMs` from now on. A cron line would count from the full hour, which 25 minutes do not divide.
 * After a failed run it asks again before the next one's turn, until a run has listed the whole bucket. Time is
 * monotonic: a clock that is set forward or back neither delays nor multiplies runs.
 *
 * @param everyMs ms between two runs
 * @param armEveryMs see `ARM_EVERY_MS`
 */
export function startSchedule(runs: Runs, everyMs: number, armEveryMs = ARM_EVERY_MS): Schedule {
  let due = performance.now();
  let retryMs = FIRST_RETRY_MS;
  let regular: Job | undefined;
  let retry: Job | undefined;

  function armNext(): void {
    // A run may take longer than the time between two: what was missed is not made up for.
    do due += everyMs;
    while (due <= performance.now());
    regular = startJob(due, armEveryMs, () => {
      armNext();
      runs.ask({ trigger: 'schedule' });
    });
  }

  function armRetry({ status, conditions }: RunReport): void {
    const isFailing = status === 'failed' || conditions?.some(({ code }) => code === 'run_failed') === true;
    retry?.cancel();
    retry = undefined;
    if (!isFailing) {
      retryMs = FIRST_RETRY_MS;
      return;
    }
    retry = startJob(performance.now() + retryMs, armEveryMs, () => void runs.ask({ trigger: 'schedule' }));
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

interface Job {
  cancel: () => void;
}

/**
 * Calls `work` once.
 *
 * @param due on the monotonic clock of `performance.now`, ms
 */
function startJob(due: number, armEveryMs: number, work: () => void): Job {
  const timer = setInterval(check, armEveryMs);
  let job = arm();

  function arm(): schedule.Job | null {
    const left = Math.max(due - performance.now(), SHORTEST_MS);
    return schedule.scheduleJob(new Date(Date.now() + left), check);
  }
  function cancel(): void {
    clearInterval(timer);
    job?.cancel();
  }
  function check(): void {
    if (performance.now() < due) {
      job?.cancel();
      job = arm();
      return;
    }
    cancel();
    work();
  }
  return { cancel };
}
