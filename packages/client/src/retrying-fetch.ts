import { backoffMs, retryAfterMs } from './backoff.ts';
import { wait } from './wait.ts';

/** Bounds of retries. */
export interface RetryOptions {
  /** Repetitions of one request. Default: 5; 0 turns retries off. */
  retries?: number;
  /** The longest wait before a repetition, ms. A longer `Retry-After` ends the retries. Default: 30,000. */
  maxRetryWaitMs?: number;
}

const DEFAULTS = { retries: 5, maxRetryWaitMs: 30_000 };

/** `fetch`, or what stands in its place. */
export type Fetch = (request: Request) => Promise<Response>;

/**
 * Wraps `fetch`: repeats a request that was answered with 429, or a request other than POST that was answered with 503 or not at all, after
 * the time in `Retry-After`, and not before the backoff. Such a POST may have had its effect, so it is not repeated. After the last
 * repetition, its answer is returned, or its error thrown. The signal of the request ends waiting, too.
 */
export function retryingFetch(fetch: Fetch, options: RetryOptions): Fetch {
  const { retries = DEFAULTS.retries, maxRetryWaitMs = DEFAULTS.maxRetryWaitMs } = options;
  return async (request) => {
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(request.clone()).catch((error: unknown) => {
        if (attempt >= retries || request.method === 'POST' || request.signal.aborted) throw error;
        return undefined;
      });
      if (response && (attempt >= retries || !isRetryable(request, response))) return response;
      const asked = response && retryAfterMs(response);
      const waitMs = Math.max(asked ?? 0, backoffMs(attempt, maxRetryWaitMs));
      if (response && waitMs > maxRetryWaitMs) return response;
      await response?.body?.cancel();
      await wait(waitMs, request.signal);
    }
  };
}

const isRetryable = ({ method }: Request, { status }: Response): boolean =>
  status === 429 || (status === 503 && method !== 'POST');
