import { backoffMs } from './backoff.ts';
import { LandfallError } from './landfall-error.ts';
import { wait } from './wait.ts';

/** The longest wait before a reconnection, ms. */
export const MAX_RECONNECT_MS = 30_000;

/** How long to wait before the next connection. @param failures in a row before it @returns ms */
export const reconnectMs = (failures: number): number => backoffMs(failures, MAX_RECONNECT_MS);

/** Whether the same request may succeed later. */
export const isTemporary = (status: number): boolean => status === 429 || status >= 500;

/**
 * Repeats a request until it succeeds: after network errors, 429 and 5xx.
 *
 * @throws LandfallError when the service refuses the request with another status; the signal's reason when it aborts
 */
export async function untilAnswered<T>(request: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await request();
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof LandfallError && !isTemporary(error.status)) throw error;
      await wait(reconnectMs(failures), signal);
    }
  }
}
