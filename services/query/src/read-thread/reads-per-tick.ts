export type ReadsPerTickLimiter = ReturnType<typeof openReadsPerTickLimiter>;

/**
 * Limits how many reads start per event-loop tick, first in, first out. Results are sent at the end of a tick: without a limit,
 * the first of many concurrent reads would wait for the last.
 */
export function openReadsPerTickLimiter(readsPerTick: number) {
  const waiting: (() => void)[] = [];
  let started = 0;

  function startNext(): void {
    const ready = waiting.splice(0, readsPerTick);
    started = ready.length;
    if (started > 0) setImmediate(startNext);
    for (const start of ready) start();
  }

  return {
    /** @returns a promise of the read's turn; undefined when the read can start now */
    acquire(): Promise<void> | undefined {
      if (started === 0) setImmediate(startNext);
      if (started < readsPerTick) {
        started++;
        return undefined;
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
