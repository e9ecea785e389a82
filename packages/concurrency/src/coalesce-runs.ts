/** A job that was asked for, and what comes of it. */
export interface Asked<Job, Result> {
  job: Job;
  result: Promise<Result>;
}

/**
 * Runs jobs one at a time. Who asks while none runs gets one that starts now; all who ask while one runs share
 * one further job, which starts after it: so a job always begins after it was asked for.
 *
 * @param work does a job; its failure is the result of that job alone
 * @returns ask: makes the job, or of the one that is queued what it is to be now
 */
export function oneAtATime<Job, Result>(
  work: (job: Job) => Promise<Result>,
): (makeJob: (queued: Job | undefined) => Job) => Asked<Job, Result> {
  let running: Promise<void> | undefined;
  let next: Asked<Job, Result> | undefined;

  function begin(job: Job): Promise<Result> {
    const result = work(job);
    const over = () => {
      running = undefined;
    };
    running = result.then(over, over);
    return result;
  }

  return (makeJob) => {
    if (next) {
      next.job = makeJob(next.job);
      return next;
    }
    const job = makeJob(undefined);
    if (!running) return { job, result: begin(job) };
    const queued: Asked<Job, Result> = {
      job,
      result: running.then(() => {
        next = undefined;
        return begin(queued.job);
      }),
    };
    next = queued;
    return queued;
  };
}
