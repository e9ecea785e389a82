import { backoffMs } from './backoff.ts';
import { LandfallError } from './landfall-error.ts';
import { wait } from './wait.ts';

/** The longest wait before a reconnection, ms. */
const MAX_RECONNECT_MS = 30_000;

/**
 * How long to wait before the next connection: what the service asks for, but not less than the backoff, and at most 30 s.
 *
 * @param failures in a row before it
 * @param askedMs the time of `Retry-After`, ms
 * @returns ms
 */
export const reconnectMs = (failures: number, askedMs = 0): number =>
  Math.min(Math.max(askedMs, backoffMs(failures, MAX_RECONNECT_MS)), MAX_RECONNECT_MS);

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
      const asked = error instanceof LandfallError ? error.retryAfterMs : undefined;
      await wait(reconnectMs(failures, asked), signal);
    }
  }
}
