import type { RunReport } from '@landfall/contracts/messages/run';
import schedule from 'node-schedule';
import type { RunQueue } from '../run/run-queue.ts';

/** Delay of the first retry after a failed run, ms; it doubles with each retry. */
const FIRST_RETRY_MS = 1_000;
/** How often a job is scheduled anew, ms: node-schedule waits for a date, and the wall clock may be set back meanwhile. */
const RESCHEDULE_MS = 60_000;
/** Minimum delay of a job, ms: node-schedule makes no job for a date that has passed. */
const MIN_DELAY_MS = 10;

export interface Schedule {
  stop: () => void;
}

/**
 * Requests a run every `everyMs` from now on. A cron line would count from the full hour, which 25 minutes do not divide.
 * After a failed run it retries, until a run has listed the whole bucket. Time is monotonic: a wall clock that is set forward
 * or back neither delays nor multiplies runs.
 *
 * @param everyMs time between two runs, ms
 * @param rescheduleMs see `RESCHEDULE_MS`; only tests change it
 */
export function startSchedule(
  runs: RunQueue,
  everyMs: number,
  rescheduleMs: number = RESCHEDULE_MS,
): Schedule {
  let nextAt = performance.now();
  let retryMs = FIRST_RETRY_MS;
  let regular: Job | undefined;
  let retry: Job | undefined;

  function scheduleNext(): void {
    // A run may take longer than the interval. Missed runs are skipped.
    do nextAt += everyMs;
    while (nextAt <= performance.now());
    regular = startJob(nextAt, rescheduleMs, () => {
      scheduleNext();
      runs.request({ trigger: 'schedule' });
    });
  }

  function scheduleRetry({ status, conditions }: RunReport): void {
    const isFailing = status === 'failed' || conditions?.some(({ code }) => code === 'run_failed') === true;
    if (!isFailing) {
      retry?.cancel();
      retry = undefined;
      retryMs = FIRST_RETRY_MS;
      return;
    }
    // Other runs that fail meanwhile, as one for each change of the bucket, must not delay it further.
    retry ??= startJob(performance.now() + retryMs, rescheduleMs, () => {
      retry = undefined;
      retryMs = Math.min(retryMs * 2, everyMs);
      runs.request({ trigger: 'schedule' });
    });
  }

  scheduleNext();
  const unsubscribe = runs.onReport(scheduleRetry);
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
 * @param at monotonic time (`performance.now`), ms
 */
function startJob(at: number, rescheduleMs: number, work: () => void): Job {
  const timer = setInterval(check, rescheduleMs);
  let job = scheduleCheck();

  function scheduleCheck(): schedule.Job | null {
    const delay = Math.max(at - performance.now(), MIN_DELAY_MS);
    return schedule.scheduleJob(new Date(Date.now() + delay), check);
  }
  function cancel(): void {
    clearInterval(timer);
    job?.cancel();
  }
  function check(): void {
    if (performance.now() < at) {
      job?.cancel();
      job = scheduleCheck();
      return;
    }
    cancel();
    work();
  }
  return { cancel };
}
