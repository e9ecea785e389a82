import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';
import { type ObjectContent, StoreError } from '../../object-store.ts';
import { S3_DEADLINES, type S3Deadlines, SLOWEST_UPLOAD, timeoutError } from './deadlines.ts';
import {
  asStoreError,
  errorOfAnswer,
  isRead,
  isRetryable,
  MAX_ERROR_BYTES,
  type S3Purpose,
} from './errors.ts';
import { readBytes } from './read-body.ts';
import { encodePath, type S3Credentials, type S3Method, s3Signer } from './signature.ts';
import { openUpload } from './upload.ts';
import type { S3Headers } from './version.ts';

/** Attempts after the first one. */
const RETRIES = 4;

/** One request. */
export interface S3Request {
  method: S3Method;
  bucket: string;
  /** Undefined for a request about the bucket. */
  key?: string;
  /** Sorted by name, encoded. */
  query?: string;
  /** Names in lower case. */
  headers?: Readonly<Record<string, string>>;
  content?: ObjectContent;
  purpose: S3Purpose;
  /** Region to sign for; default: the bucket's. */
  region?: string;
  /** Additional time for the server, ms. */
  extraMs?: number;
}

/** An answer whose body is not read yet. */
export interface S3Answer {
  status: number;
  headers: S3Headers;
  body: Dispatcher.ResponseData['body'];
  /** From the request to the answer's headers, ms. */
  elapsed: number;
}

/** Uses an answer. It must read the body to its end or destroy it. */
export type Use<T> = (answer: S3Answer) => Promise<T>;

/** A failure that is retried. */
class RetryableFailure {
  readonly failure: StoreError;

  constructor(failure: StoreError) {
    this.failure = failure;
  }
}

export type S3Requests = ReturnType<typeof s3Requests>;

/**
 * Sends signed requests to an S3 server with undici. The MinIO client takes three times as long
 * (docs/decisions/0012). Retries 5xx, 429, answers that are not from S3, connection errors and timeouts, with
 * exponential backoff and jitter. Every attempt and every call has a deadline.
 *
 * @param regionOf returns the region to sign for, before the deadline `until` (`performance.now()`)
 * @param onRetry called before each repeated request
 */
export function s3Requests(
  { endpoint, ca }: { endpoint: string; ca?: string[] | undefined },
  credentials: S3Credentials,
  regionOf: (bucket: string, until: number) => Promise<string>,
  deadlines: S3Deadlines = S3_DEADLINES,
  onRetry: () => void = () => undefined,
) {
  const { origin, host } = new URL(endpoint);
  const pool = new Pool(origin, {
    connect: { timeout: deadlines.connectMs, ...(ca && { ca }) },
    headersTimeout: deadlines.answerMs,
    bodyTimeout: deadlines.pieceMs,
  });
  const sign = s3Signer(credentials);

  async function attempt<T>(request: S3Request, use: Use<T>, extraMs: number, until: number): Promise<T> {
    const { method, bucket, key, query = '', headers, content, purpose } = request;
    const name = nameOf(request);
    const path = pathOf(bucket, key);
    const region = request.region ?? (await regionOf(bucket, until));
    const start = performance.now();
    const ms = Math.min(deadlines.attemptMs + extraMs, until - start);
    if (ms <= 0) throw timeoutError(name, deadlines.callMs + extraMs);
    const abort = new AbortController();
    const upload = openUpload(content, deadlines.pieceMs, () =>
      abort.abort(timeoutError(name, deadlines.pieceMs)),
    );
    const timer = setTimeout(() => abort.abort(timeoutError(name, ms)), ms);
    let isAnswered = false;
    try {
      const signed = sign(
        { method, host, path, query, payload: upload.payload, headers },
        region,
        Date.now(),
      );
      const {
        statusCode,
        headers: answered,
        body,
      } = await pool.request({
        method,
        path: query === '' ? path : `${path}?${query}`,
        headers: content ? { ...signed, 'content-length': String(upload.size) } : signed,
        body: upload.body,
        headersTimeout: deadlines.answerMs + extraMs,
        signal: abort.signal,
      });
      const answer = { status: statusCode, headers: answered, body, elapsed: performance.now() - start };
      isAnswered =
        statusCode === 200 ||
        (statusCode === 204 && !isReading(method)) ||
        (statusCode === 206 && purpose === 'read-range');
      // A HEAD answer has no error document. The caller uses the status.
      if (isAnswered || method === 'HEAD') return await use(answer);
      const text = Buffer.from(await readBytes(body, MAX_ERROR_BYTES)).toString();
      throw errorOfAnswer(statusCode, text, name, purpose);
    } catch (error) {
      if (upload.failure) throw asStoreError(upload.failure, name, false);
      const failure = asStoreError(error, name, isAnswered && isRead(purpose));
      throw isRetryable(failure) ? new RetryableFailure(failure) : failure;
    } finally {
      clearTimeout(timer);
      upload.close();
    }
  }

  /**
   * Sends a request, with retries.
   *
   * @param use called again for each retry, also when it throws
   * @param until deadline of an enclosing call (`performance.now()`)
   * @throws StoreError
   */
  async function send<T>(request: S3Request, use: Use<T>, until?: number): Promise<T> {
    const uploadMs = request.content ? sizeOf(request.content) / SLOWEST_UPLOAD : 0;
    const extraMs = (request.extraMs ?? 0) + uploadMs;
    const end = Math.min(performance.now() + deadlines.callMs + extraMs, until ?? Number.POSITIVE_INFINITY);
    for (let retries = 0; ; retries++) {
      try {
        return await attempt(request, use, extraMs, end);
      } catch (error) {
        if (!(error instanceof RetryableFailure)) throw asStoreError(error, nameOf(request), false);
        const wait = deadlines.firstWaitMs * 2 ** retries * (1 + Math.random());
        if (retries === RETRIES || performance.now() + wait >= end) throw error.failure;
        onRetry();
        await sleep(wait);
      }
    }
  }

  return { send, close: () => pool.close() };
}

const isReading = (method: S3Method): boolean => method === 'GET' || method === 'HEAD';

const sizeOf = (content: ObjectContent): number =>
  content instanceof Uint8Array ? content.length : content.size;

/** Name of a request in errors. */
const nameOf = ({ bucket, key }: S3Request): string => (key === undefined ? bucket : `${bucket}/${key}`);

/** @throws StoreError invalid_key, bucket_not_found */
function pathOf(bucket: string, key: string | undefined): string {
  if (!/^[\w.-]+$/.test(bucket))
    throw new StoreError('bucket_not_found', `“${bucket}” is not a name of a bucket`);
  if (key === undefined) return `/${bucket}`;
  // An empty key would be the bucket.
  if (key === '' || !key.isWellFormed()) throw new StoreError('invalid_key', `“${key}” is not a key`);
  return encodePath(bucket, key);
}
