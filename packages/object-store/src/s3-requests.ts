import pRetry from 'p-retry';
import { Pool } from 'undici';
import { StoreError } from './object-store.ts';
import { errorOfAnswer } from './s3-errors.ts';
import { encodePath, type S3Credentials, type S3Request, s3Signer } from './s3-signature.ts';

/** How long a server may take, ms. */
export interface S3Timeouts {
  connectMs: number;
  /** Until its answer begins. */
  answerMs: number;
  /** Between two pieces of it. */
  pieceMs: number;
}

const TIMEOUTS: S3Timeouts = { connectMs: 5_000, answerMs: 30_000, pieceMs: 30_000 };
/** A request that failed for now is sent again so often, after about 0.1, 0.2, 0.4 and 0.8 s. */
const RETRIES = 4;
const FIRST_WAIT_MS = 100;

/** An answer that is not for now. */
class Passing extends Error {
  readonly failure: StoreError;

  constructor(failure: StoreError) {
    super(failure.message, { cause: failure });
    this.failure = failure;
  }
}

export type S3Requests = ReturnType<typeof s3Requests>;

/**
 * Reading requests to an S3 server, by a way of their own: the client's costs three times as much (docs/decisions).
 * What may pass is tried again: answers 5xx and 429, connections that break or can't be had, and time-outs; after
 * waits that double, each at random up to twice as long, so that many clients don't come back as one.
 *
 * @param regionOf the region a bucket's requests are signed for
 */
export function s3Requests(
  endpoint: string,
  credentials: S3Credentials,
  regionOf: (bucket: string) => Promise<string>,
  timeouts: S3Timeouts = TIMEOUTS,
) {
  const { origin, host } = new URL(endpoint);
  const pool = new Pool(origin, {
    connect: { timeout: timeouts.connectMs },
    headersTimeout: timeouts.answerMs,
    bodyTimeout: timeouts.pieceMs,
  });
  const sign = s3Signer(credentials);
  const regions = new Map<string, string>();

  async function attempt(bucket: string, request: S3Request) {
    let region = regions.get(bucket);
    if (region === undefined) {
      region = await regionOf(bucket);
      regions.set(bucket, region);
    }
    const { method, path, query } = request;
    const headers = sign(request, region, Date.now());
    const url = query === '' ? path : `${path}?${query}`;
    const answer = await pool.request({ method, path: url, headers }).catch((error) => {
      throw new Passing(unreachable(path, error));
    });
    if (answer.statusCode === 200) return answer;
    const failure = errorOfAnswer(answer.statusCode, await answer.body.text().catch(() => ''), path);
    const mayPass = answer.statusCode >= 500 || answer.statusCode === 429;
    throw mayPass ? new Passing(failure) : failure;
  }

  /** @param use reads the answer's body; it is done again when that breaks off */
  async function send<T>(
    method: 'GET' | 'HEAD',
    bucket: string,
    key: string | undefined,
    query: string,
    use: (answer: Awaited<ReturnType<typeof attempt>>) => Promise<T>,
  ): Promise<T> {
    const path = key === undefined ? `/${bucket}` : encodePath(bucket, key);
    const once = async () => {
      const answer = await attempt(bucket, { method, host, path, query });
      try {
        return await use(answer);
      } catch (error) {
        throw new Passing(unreachable(path, error));
      }
    };
    try {
      // The first time without p-retry: what it costs would be paid by every request.
      return await once().catch((error) => {
        if (error instanceof Passing) return again(once);
        throw error;
      });
    } catch (error) {
      if (error instanceof Passing) throw error.failure;
      throw error;
    }
  }

  return { send, close: () => pool.close() };
}

async function again<T>(once: () => Promise<T>): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * (1 + Math.random())));
  return pRetry(once, {
    retries: RETRIES - 1,
    minTimeout: 2 * FIRST_WAIT_MS,
    randomize: true,
    shouldRetry: ({ error }) => error instanceof Passing,
  });
}

function unreachable(path: string, error: unknown): StoreError {
  const why = error instanceof Error ? error.message : String(error);
  return new StoreError('unavailable', `${path}: ${why}`, { cause: error });
}
