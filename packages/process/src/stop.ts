import type { Logger } from './logger.ts';

/** A process ends this long after SIGTERM at the latest, whatever hangs. Seconds. */
export const STOP_WITHIN_S = 10;

/** One thing that is stopped. */
export interface StopStep {
  /** In the log, when it hangs or fails: "the API", say. */
  what: string;
  stop: () => unknown;
}

/**
 * Stops the parts of a process one after the other, within one deadline for all. A step that fails is logged, and the next
 * one is taken.
 *
 * @param withinMs ms; the default is the time a process has
 * @returns the exit code: 0, or 1 when a step failed or was still going on at the deadline. The caller must exit then: what
 *   hangs would keep the process alive
 */
export async function stopWithin(
  steps: readonly StopStep[],
  log: Logger,
  withinMs: number = STOP_WITHIN_S * 1_000,
): Promise<0 | 1> {
  let exitCode: 0 | 1 = 0;
  let timer: NodeJS.Timeout | undefined;
  // Not unref'ed: where nothing else is left, the process would end without a word.
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
