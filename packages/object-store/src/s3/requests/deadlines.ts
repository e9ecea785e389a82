import { StoreError } from '../../object-store.ts';

/** Deadlines of requests to an S3 server, ms. */
export interface S3Deadlines {
  /** Until a connection is made. */
  connectMs: number;
  /** From the request to the first byte of its answer. */
  answerMs: number;
  /** Between two pieces of a body, in either direction. */
  pieceMs: number;
  /** One attempt: connecting, the answer's headers, and its body where it is read whole. */
  attemptMs: number;
  /** A call with all its attempts and the waits between them. */
  callMs: number;
  /** What a copy within the server may take beyond the other deadlines: some servers answer when it is done. */
  copyMs: number;
  /** Before the second attempt; each wait is twice the one before, and at random up to twice as long. */
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

/** The slowest upload that is not given up, bytes per ms: every deadline of an upload grows by its size. */
export const SLOWEST_UPLOAD = 100;

/**
 * Bounds a call that has no deadline of its own.
 *
 * @param what names the call in the error
 * @param giveUp called at the deadline; frees what the call holds
 * @throws StoreError timeout
 */
export async function withDeadline<T>(
  call: () => Promise<T>,
  { ms, what, giveUp }: { ms: number; what: string; giveUp: () => void },
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(overdue(what, ms));
      giveUp();
    }, ms);
  });
  try {
    return await Promise.race([call(), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

export const overdue = (what: string, ms: number): StoreError =>
  new StoreError('timeout', `${what}: no answer within ${Math.round(ms)} ms`);
