import { setTimeout as sleep } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';
import { type ObjectContent, StoreError } from '../../object-store.ts';
import { overdue, S3_DEADLINES, type S3Deadlines, SLOWEST_UPLOAD } from './deadlines.ts';
import { asStoreError, errorOfAnswer, MAX_ERROR_BYTES, mayPass, type S3Purpose } from './errors.ts';
import { readBytes } from './read-body.ts';
import { encodePath, type S3Credentials, type S3Method, s3Signer } from './signature.ts';
import { openUpload } from './upload.ts';
import type { S3Headers } from './version.ts';

/** Attempts after the first one. */
const RETRIES = 4;

/** One request. */
export interface S3Question {
  method: S3Method;
  bucket: string;
  /** None for the bucket itself. */
  key?: string;
  /** Sorted by name, encoded. */
  query?: string;
  /** Names in lower case. */
  headers?: Readonly<Record<string, string>>;
  content?: ObjectContent;
  purpose: S3Purpose;
  /** The region that the request is signed for; the bucket's without. */
  region?: string;
  /** What the server may take beyond the deadlines, ms. */
  extraMs?: number;
}

/** An answer, with its body yet to be read. */
export interface S3Answer {
  status: number;
  headers: S3Headers;
  body: Dispatcher.ResponseData['body'];
  /** From the request to the answer's headers, ms. */
  elapsed: number;
}

/** Reads an answer's body to its end, or destroys it. */
export type Use<T> = (answer: S3Answer) => Promise<T>;

/** A failure that may pass. */
class Passing {
  readonly failure: StoreError;

  constructor(failure: StoreError) {
    this.failure = failure;
  }
}

export type S3Requests = ReturnType<typeof s3Requests>;

/**
 * Requests to an S3 server, by a way of their own: the MinIO client's costs three times as much (docs/decisions).
 * What may pass is tried again: answers 5xx and 429, answers that are not S3's, connections that break or can't be had,
 * and time-outs; after waits that double, each at random up to twice as long, so that many clients don't come back as one.
 *
 * Every attempt and every call as a whole has a deadline, whatever the server does.
 *
 * @param regionOf the region that a bucket's requests are signed for; to be asked before `until`, a time of
 *   `performance.now()`
 */
export function s3Requests(
  endpoint: string,
  credentials: S3Credentials,
  regionOf: (bucket: string, until: number) => Promise<string>,
  deadlines: S3Deadlines = S3_DEADLINES,
) {
  const { origin, host } = new URL(endpoint);
  const pool = new Pool(origin, {
    connect: { timeout: deadlines.connectMs },
    headersTimeout: deadlines.answerMs,
    bodyTimeout: deadlines.pieceMs,
  });
  const sign = s3Signer(credentials);

  async function attempt<T>(question: S3Question, use: Use<T>, extraMs: number, until: number): Promise<T> {
    const { method, bucket, key, query = '', headers, content, purpose } = question;
    const name = nameOf(question);
    const path = pathOf(bucket, key);
    const region = question.region ?? (await regionOf(bucket, until));
    const start = performance.now();
    const ms = Math.min(deadlines.attemptMs + extraMs, until - start);
    if (ms <= 0) throw overdue(name, deadlines.callMs + extraMs);
    const abort = new AbortController();
    const upload = openUpload(content, deadlines.pieceMs, () =>
      abort.abort(overdue(name, deadlines.pieceMs)),
    );
    const timer = setTimeout(() => abort.abort(overdue(name, ms)), ms);
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
      isAnswered = statusCode === 200 || (statusCode === 204 && !isReading(method));
      // The answer to a HEAD has no body that would say what is wrong: the caller goes by the status.
      if (isAnswered || method === 'HEAD') return await use(answer);
      const text = Buffer.from(await readBytes(body, MAX_ERROR_BYTES)).toString();
      throw errorOfAnswer(statusCode, text, name, purpose);
    } catch (error) {
      if (upload.failure) throw asStoreError(upload.failure, name, false);
      const failure = asStoreError(error, name, isAnswered && purpose === 'read');
      throw mayPass(failure) ? new Passing(failure) : failure;
    } finally {
      clearTimeout(timer);
      upload.close();
    }
  }

  /**
   * @param use is called again when the answer breaks off, or when it throws
   * @param until the end of the call, where it is part of another one: a time of `performance.now()`
   * @throws StoreError and nothing else
   */
  async function send<T>(question: S3Question, use: Use<T>, until?: number): Promise<T> {
    const uploadMs = question.content ? sizeOf(question.content) / SLOWEST_UPLOAD : 0;
    const extraMs = (question.extraMs ?? 0) + uploadMs;
    const end = Math.min(performance.now() + deadlines.callMs + extraMs, until ?? Number.POSITIVE_INFINITY);
    for (let retries = 0; ; retries++) {
      try {
        return await attempt(question, use, extraMs, end);
      } catch (error) {
        if (!(error instanceof Passing)) throw asStoreError(error, nameOf(question), false);
        const wait = deadlines.firstWaitMs * 2 ** retries * (1 + Math.random());
        if (retries === RETRIES || performance.now() + wait >= end) throw error.failure;
        await sleep(wait);
      }
    }
  }

  return { send, close: () => pool.close() };
}

const isReading = (method: S3Method): boolean => method === 'GET' || method === 'HEAD';

const sizeOf = (content: ObjectContent): number =>
  content instanceof Uint8Array ? content.length : content.size;

/** Names a request in errors. */
const nameOf = ({ bucket, key }: S3Question): string => (key === undefined ? bucket : `${bucket}/${key}`);

/** @throws StoreError invalid_key, bucket_not_found */
function pathOf(bucket: string, key: string | undefined): string {
  if (!/^[\w.-]+$/.test(bucket))
    throw new StoreError('bucket_not_found', `“${bucket}” is no name of a bucket`);
  if (key === undefined) return `/${bucket}`;
  // An empty one would be the bucket itself.
  if (key === '' || !key.isWellFormed()) throw new StoreError('invalid_key', `“${key}” is no key`);
  return encodePath(bucket, key);
}
