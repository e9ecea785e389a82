/**
 * Waits for a promise for a limited time. The work behind it is not cancelled; a later failure of it is ignored.
 *
 * @param ms timeout, ms
 * @param onTimeout returns the result in place of the promise's, or throws; called on a timeout and when `signal` is aborted
 * @param signal ends the wait before the timeout
 * @throws what the promise or `onTimeout` throws
 */
export async function withTimeout<T, Fallback>(
  ms: number,
  promise: Promise<T>,
  onTimeout: () => Fallback,
  signal?: AbortSignal,
): Promise<T | Fallback> {
  const { promise: timeout, resolve, reject } = Promise.withResolvers<Fallback>();
  const endWait = (): void => {
    try {
      resolve(onTimeout());
    } catch (error) {
      reject(error);
    }
  };
  const timer = setTimeout(endWait, ms);
  signal?.addEventListener('abort', endWait);
  if (signal?.aborted) endWait();
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', endWait);
    promise.catch(() => undefined);
  }
}
