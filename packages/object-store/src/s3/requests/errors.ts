import { XMLParser } from 'fast-xml-parser';
import { StoreError, type StoreErrorCode } from '../../object-store.ts';

const parser = new XMLParser({ parseTagValue: false });

/** Bytes of an error's body that are read: S3's own are shorter than 2 KiB. */
export const MAX_ERROR_BYTES = 64 * 1024;
/** Characters of a server's message that are passed on. */
const MAX_MESSAGE = 300;

/** An answer that is no success, as the server gave it; the `cause` of the StoreError it becomes. */
export class S3Refusal extends Error {
  override name = 'S3Refusal';
  readonly status: number;
  /** S3's error code; undefined when the body is no error document of S3, but a proxy's page, say. */
  readonly code: string | undefined;
  /** The bucket's region, where the server names it. */
  readonly region: string | undefined;

  constructor(status: number, { code, message, region }: S3ErrorDocument) {
    super(message ?? code ?? `status ${status}, without an error document of S3`);
    this.status = status;
    this.code = code;
    this.region = region;
  }
}

interface S3ErrorDocument {
  code?: string | undefined;
  message?: string | undefined;
  region?: string | undefined;
}

/** What a request does. Only an object that is read can be at fault itself. */
export type S3Purpose = 'read' | 'write' | 'write-if-absent' | 'write-if-match' | 'bucket';

const ACCESS_DENIED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccountProblem',
  'AllAccessDisabled',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidSecurity',
  'InvalidToken',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

const INVALID_KEY: ReadonlySet<string> = new Set(['KeyTooLongError', 'XMinioInvalidObjectName']);

const MISSING_KEY: ReadonlySet<string> = new Set(['NoSuchKey', 'NotFound', 'NoSuchVersion']);

/** About the request or the server, although the status is 4xx. */
const NOT_THE_OBJECT: ReadonlySet<string> = new Set([
  'AuthorizationHeaderMalformed',
  'InvalidBucketName',
  'MethodNotAllowed',
  'OperationAborted',
  'RequestTimeout',
  'SlowDown',
  'TooManyRequests',
]);

/** With status 4xx; another attempt may succeed. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const RETRIED: ReadonlySet<string> = new Set([
  'BadDigest',
  'IncompleteBody',
  'OperationAborted',
  'RequestTimeout',
  'SlowDown',
  'TooManyRequests',
  'XAmzContentSHA256Mismatch',
]);

/**
 * The error that an answer stands for. Only S3's own error documents say something about a bucket or an object; any
 * other body comes from something in between, and then nothing is known: `unavailable`.
 *
 * @param what names the request in the message
 */
export function errorOfAnswer(status: number, body: string, what: string, purpose: S3Purpose): StoreError {
  const refusal = new S3Refusal(status, readError(body));
  return new StoreError(storeErrorCode(refusal, purpose), `${what}: ${refusal.message}`, { cause: refusal });
}

/**
 * An error on the way as one of the port.
 *
 * @param isObject the object's answer had begun well and broke off, which may happen with this object alone
 */
export function asStoreError(error: unknown, what: string, isObject: boolean): StoreError {
  if (error instanceof StoreError) return error;
  const why = error instanceof Error ? error.message : String(error);
  const code = isTimeout(error) ? 'timeout' : isObject ? 'unreadable' : 'unavailable';
  return new StoreError(code, `${what}: ${why}`, { cause: error });
}

/** The HTTP client's own deadlines. */
const isTimeout = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'UND_ERR_HEADERS_TIMEOUT' || error.code === 'UND_ERR_BODY_TIMEOUT');

/** Whether another attempt may succeed: yes, unless the server itself said something that lasts. */
export function mayPass({ code, cause }: StoreError): boolean {
  if (!(cause instanceof S3Refusal)) return true;
  if (cause.code === undefined) return true;
  if (code === 'precondition_failed' || cause.status === 501) return false;
  return cause.status >= 500 || cause.status === 429 || RETRIED.has(cause.code);
}

/** What a refusal is in the port's terms. */
export function storeErrorCode({ status, code }: S3Refusal, purpose: S3Purpose): StoreErrorCode {
  if (code === undefined) return 'unavailable';
  if (status === 404 && code === 'NoSuchBucket') return 'bucket_not_found';
  const isConditional = purpose === 'write-if-absent' || purpose === 'write-if-match';
  if (isConditional && (status === 412 || status === 409)) return 'precondition_failed';
  if (status === 404 && MISSING_KEY.has(code))
    return purpose === 'write-if-match' ? 'precondition_failed' : 'not_found';
  if (INVALID_KEY.has(code)) return 'invalid_key';
  if (ACCESS_DENIED.has(code)) return 'access_denied';
  if (purpose !== 'read' || NOT_THE_OBJECT.has(code)) return 'unavailable';
  // 500 InternalError may be one object's for ever; 502, 503 and 504 are the server's or a proxy's state.
  return status === 500 || (status >= 400 && status < 500 && status !== 429) ? 'unreadable' : 'unavailable';
}

/**
 * The error document that a body is.
 *
 * @returns nothing when the body is no error document of S3
 */
export function readError(body: string): S3ErrorDocument {
  if (!body.includes('</Error>')) return {};
  try {
    const parsed: { Error?: Record<string, unknown> } = parser.parse(body);
    const { Code, Message, Region } = parsed.Error ?? {};
    const code = text(Code);
    return code === undefined ? {} : { code, message: text(Message), region: text(Region) };
  } catch {
    return {};
  }
}

/** A value that is not text is an element with elements in it. */
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, MAX_MESSAGE) : undefined;
