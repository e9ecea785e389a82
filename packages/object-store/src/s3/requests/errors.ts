import { certificateFault } from '@landfall/process/certificate-fault';
import { XMLParser } from 'fast-xml-parser';
import { StoreError, type StoreErrorCode } from '../../object-store.ts';

const parser = new XMLParser({ parseTagValue: false });

/** Maximum size of an error body, bytes. S3's are shorter than 2 KiB. */
export const MAX_ERROR_BYTES = 64 * 1024;
/** Maximum length of a server's message, characters. */
const MAX_MESSAGE = 300;

/** An error answer of the server. It is the `cause` of the `StoreError`. */
export class S3Refusal extends Error {
  override name = 'S3Refusal';
  readonly status: number;
  /** S3 error code; undefined when the body is not an S3 error document, for example a proxy's page. */
  readonly code: string | undefined;
  /** The bucket's region, if the server names it. */
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

/** Purpose of a request. Only a read can fail because of one object. */
export type S3Purpose = 'read' | 'read-range' | 'write' | 'write-if-absent' | 'write-if-match' | 'bucket';

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

/** Errors of the request or the server with a 4xx status. */
const NOT_THE_OBJECT: ReadonlySet<string> = new Set([
  'AuthorizationHeaderMalformed',
  'InvalidBucketName',
  'MethodNotAllowed',
  'OperationAborted',
  'RequestTimeout',
  'SlowDown',
  'TooManyRequests',
]);

/**
 * Codes with a 4xx status that are retried. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
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
 * Translates an error answer. Only S3 error documents describe a bucket or an object. Any other body comes from a
 * proxy and means `unavailable`.
 *
 * @param what name of the request in the message
 */
export function errorOfAnswer(status: number, body: string, what: string, purpose: S3Purpose): StoreError {
  const refusal = new S3Refusal(status, readError(body));
  return new StoreError(storeErrorCode(refusal, purpose), `${what}: ${refusal.message}`, { cause: refusal });
}

/**
 * Translates a transport error.
 *
 * @param isObject the body broke off after a 200, which may affect only this object
 */
export function asStoreError(error: unknown, what: string, isObject: boolean): StoreError {
  if (error instanceof StoreError) return error;
  const why = certificateFault(error) ?? (error instanceof Error ? error.message : String(error));
  const code = isTimeout(error) ? 'timeout' : isObject ? 'unreadable' : 'unavailable';
  return new StoreError(code, `${what}: ${why}`, { cause: error });
}

/** Timeouts of the HTTP client. */
const isTimeout = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === 'UND_ERR_HEADERS_TIMEOUT' || error.code === 'UND_ERR_BODY_TIMEOUT');

/** Whether a request reads an object. */
export const isRead = (purpose: S3Purpose): boolean => purpose === 'read' || purpose === 'read-range';

/** Whether a retry may succeed: unless the server returned a permanent error, or is not trusted. */
export function isRetryable({ code, cause }: StoreError): boolean {
  if (code === 'precondition_failed' || certificateFault(cause) !== undefined) return false;
  if (!(cause instanceof S3Refusal)) return true;
  if (cause.code === undefined) return true;
  if (cause.status === 501) return false;
  return cause.status >= 500 || cause.status === 429 || RETRIED.has(cause.code);
}

/** Translates an S3 error to the port's code. */
export function storeErrorCode({ status, code }: S3Refusal, purpose: S3Purpose): StoreErrorCode {
  if (code === undefined) return 'unavailable';
  if (status === 404 && code === 'NoSuchBucket') return 'bucket_not_found';
  const isConditional = purpose === 'write-if-absent' || purpose === 'write-if-match';
  if (isConditional && (status === 412 || status === 409)) return 'precondition_failed';
  // 416: the version that the range was made for had more bytes.
  if (purpose === 'read-range' && (status === 412 || status === 416)) return 'precondition_failed';
  if (status === 404 && MISSING_KEY.has(code))
    return purpose === 'write-if-match' ? 'precondition_failed' : 'not_found';
  if (INVALID_KEY.has(code)) return 'invalid_key';
  if (ACCESS_DENIED.has(code)) return 'access_denied';
  if (!isRead(purpose) || NOT_THE_OBJECT.has(code)) return 'unavailable';
  // A 500 InternalError can be permanent for one object. 502, 503 and 504 describe the server or a proxy.
  return status === 500 || (status >= 400 && status < 500 && status !== 429) ? 'unreadable' : 'unavailable';
}

/**
 * Parses an error document.
 *
 * @returns an empty object when the body is not an S3 error document
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

/** Returns a text value; elements with children are not text. */
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, MAX_MESSAGE) : undefined;
