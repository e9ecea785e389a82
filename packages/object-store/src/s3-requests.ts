import { hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import pRetry from 'p-retry';
import { Pool } from 'undici';
import { type ObjectContent, StoreError } from './object-store.ts';
import { errorOfAnswer } from './s3-errors.ts';
import { EMPTY_SHA256, encodePath, type S3Credentials, s3Signer, UNSIGNED } from './s3-signature.ts';

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
/** An upload may be as slow as this, bytes a ms; the answer comes when it is over. */
const SLOWEST_UPLOAD = 100;

/** What is asked. */
export interface S3Question {
  method: 'GET' | 'HEAD' | 'PUT';
  bucket: string;
  /** None for the bucket itself. */
  key?: string;
  /** Sorted by name, encoded. */
  query?: string;
  content?: ObjectContent;
}

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
 * Requests to an S3 server, by a way of their own: the client's costs three times as much (docs/decisions).
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

  async function regionFor(bucket: string): Promise<string> {
    const region = regions.get(bucket) ?? (await regionOf(bucket));
    regions.set(bucket, region);
    return region;
  }

  async function attempt({ method, bucket, key, query = '', content }: S3Question) {
    const path = key === undefined ? `/${bucket}` : encodePath(bucket, key);
    const { body, size, payload } = bodyOf(content);
    const headers = sign({ method, host, path, query, payload }, await regionFor(bucket), Date.now());
    const answer = await pool
      .request({
        method,
        path: query === '' ? path : `${path}?${query}`,
        headers: content ? { ...headers, 'content-length': String(size) } : headers,
        body,
        headersTimeout: timeouts.answerMs + size / SLOWEST_UPLOAD,
      })
      .catch((error) => {
        // What can't be read here won't be any better the next time.
        const isOurs = body !== null && 'errored' in body && body.errored;
        throw isOurs ? unreachable(path, error) : new Passing(unreachable(path, error));
      });
    if (answer.statusCode === 200) return answer;
    const failure = errorOfAnswer(answer.statusCode, await answer.body.text().catch(() => ''), path);
    const mayPass = answer.statusCode >= 500 || answer.statusCode === 429;
    throw mayPass ? new Passing(failure) : failure;
  }

  /** @param use reads the answer's body; it is done again when that breaks off */
  async function send<T>(
    question: S3Question,
    use: (answer: Awaited<ReturnType<typeof attempt>>) => Promise<T>,
  ): Promise<T> {
    const once = async () => {
      const answer = await attempt(question);
      try {
        return await use(answer);
      } catch (error) {
        throw new Passing(unreachable(`${question.bucket}/${question.key ?? ''}`, error));
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

interface Body {
  body: Readable | Uint8Array | null;
  /** Bytes. */
  size: number;
  /** The checksum that is signed. */
  payload: string;
}

function bodyOf(content: ObjectContent | undefined): Body {
  if (content === undefined) return { body: null, size: 0, payload: EMPTY_SHA256 };
  if (content instanceof Uint8Array)
    return { body: content, size: content.length, payload: hash('sha256', content) };
  return { body: content.open(), size: content.size, payload: content.sha256 ?? UNSIGNED };
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
