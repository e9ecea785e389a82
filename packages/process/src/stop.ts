import type { Logger } from './logger.ts';

/** A process ends within this time after SIGTERM, s. */
export const STOP_WITHIN_S = 10;

/** One part of a process that is stopped. */
export interface StopStep {
  /** Its name in the log, for example "the API". */
  what: string;
  stop: () => unknown;
}

/**
 * Stops the parts of a process one after the other, within one deadline for all. A failed step is logged, and the next step
 * follows.
 *
 * @param withinMs deadline, ms from now
 * @returns the exit code: 0, or 1 when a step failed or did not end before the deadline. The caller must exit with it:
 *   a hanging part would keep the process alive
 */
export async function stopWithin(
  steps: readonly StopStep[],
  log: Logger,
  withinMs: number = STOP_WITHIN_S * 1_000,
): Promise<0 | 1> {
  let exitCode: 0 | 1 = 0;
  let timer: NodeJS.Timeout | undefined;
  // Not unref'ed: when nothing else is left, the process would end without a log line.
  const deadline = new Promise<'deadline'>((resolve) => {
    timer = setTimeout(resolve, withinMs, 'deadline');
  });
  for (const { what, stop } of steps) {
    const stopped = Promise.try(stop).catch((err) => {
      exitCode = 1;
      log.error({ err }, `${what} could not be stopped cleanly`);
    });
    if ((await Promise.race([stopped, deadline])) === 'deadline') {
      log.error(`${what} did not stop in time: the process ends without it`);
      exitCode = 1;
      break;
    }
  }
  clearTimeout(timer);
  return exitCode;
}
