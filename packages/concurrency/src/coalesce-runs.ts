/** A job that was requested, and its result. */
export interface QueuedJob<Job, Result> {
  job: Job;
  result: Promise<Result>;
}

/**
 * Coalescing runner: runs one job at a time (single-flight with one queued follow-up). A request while no job runs starts
 * one now. All requests while a job runs share one further job, which starts after it. So a job always starts after its
 * request.
 *
 * @param work runs a job; a failure is the result of that job alone
 * @returns a function that requests a job. `makeJob` gets the queued job, when there is one, and returns its replacement
 */
export function coalesceRuns<Job, Result>(
  work: (job: Job) => Promise<Result>,
): (makeJob: (queued: Job | undefined) => Job) => QueuedJob<Job, Result> {
  let running: Promise<void> | undefined;
  let next: QueuedJob<Job, Result> | undefined;

  function start(job: Job): Promise<Result> {
    const result = work(job);
    const onEnd = () => {
      running = undefined;
    };
    running = result.then(onEnd, onEnd);
    return result;
  }

  return (makeJob) => {
    if (next) {
      next.job = makeJob(next.job);
      return next;
    }
    const job = makeJob(undefined);
    if (!running) return { job, result: start(job) };
    const queued: QueuedJob<Job, Result> = {
      job,
      result: running.then(() => {
        next = undefined;
        return start(queued.job);
      }),
    };
    next = queued;
    return queued;
  };
}
