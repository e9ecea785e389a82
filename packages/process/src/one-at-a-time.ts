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
 * @returns ask: `makeJob` is called only when a new job is due
 */
export function oneAtATime<Job, Result>(
  work: (job: Job) => Promise<Result>,
): (makeJob: () => Job) => Asked<Job, Result> {
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
    if (next) return next;
    const job = makeJob();
    if (!running) return { job, result: begin(job) };
    const result = running.then(() => {
      next = undefined;
      return begin(job);
    });
    next = { job, result };
    return next;
  };
}
