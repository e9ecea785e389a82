/** The longest wait of a timer, ms (nearly 25 days). With more, it fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits. It works in browsers, too, unlike `node:timers/promises`.
 *
 * @param ms at most `MAX_TIMER_MS` are waited
 * @throws the signal's reason when it aborts
 */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      },
      Math.min(ms, MAX_TIMER_MS),
    );
    signal?.addEventListener('abort', stop, { once: true });
  });
}
