import { StoreError } from '../../object-store.ts';

/** Deadlines of requests to an S3 server, ms. */
export interface S3Deadlines {
  /** To connect. */
  connectMs: number;
  /** From the request to the first byte of the answer. */
  answerMs: number;
  /** Between two chunks of a body, in either direction. */
  pieceMs: number;
  /** One attempt: connection, headers, and the body if it is read completely. */
  attemptMs: number;
  /** A call with all its attempts and backoff. */
  callMs: number;
  /** Additional time for a server-side copy: some servers answer when it is done. */
  copyMs: number;
  /** Backoff before the second attempt. It doubles with each attempt, with jitter up to twice as long. */
  firstWaitMs: number;
}

export const S3_DEADLINES: S3Deadlines = {
  connectMs: 5_000,
  answerMs: 30_000,
  pieceMs: 30_000,
  attemptMs: 45_000,
  callMs: 90_000,
  copyMs: 120_000,
  firstWaitMs: 100,
};

/** Slowest accepted upload, bytes per ms. Deadlines of an upload grow with its size. */
export const SLOWEST_UPLOAD = 100;

/**
 * Runs a call with a deadline.
 *
 * @param what name of the call in the error
 * @param giveUp called at the deadline; releases the resources of the call
 * @throws StoreError timeout
 */
export async function withDeadline<T>(
  call: () => Promise<T>,
  { ms, what, giveUp }: { ms: number; what: string; giveUp: () => void },
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(timeoutError(what, ms));
      giveUp();
    }, ms);
  });
  try {
    return await Promise.race([call(), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

export const timeoutError = (what: string, ms: number): StoreError =>
  new StoreError('timeout', `${what}: no answer within ${Math.round(ms)} ms`);
