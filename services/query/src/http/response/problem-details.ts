import { StoppedError } from '@landfall/concurrency/stoppable';
import { BusError } from '@landfall/event-bus/event-bus';
import { StoreError } from '@landfall/object-store/object-store';
import { Type } from 'typebox';
import { ApiError, PROBLEMS, type ProblemCode } from '../../errors/api-error.ts';
import { truncate } from '../../errors/truncate.ts';

/** RFC 9457. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.Enum(Object.keys(PROBLEMS)),
  },
  { title: 'Problem', additionalProperties: true },
);

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
/** For answers that may be better soon, seconds. */
export const RETRY_AFTER_S = 5;
/** How long a detail may be, characters. What it is made of is cut to less, so that this hides nothing by itself. */
const MAX_DETAIL = 4_000;

/** The body of an error's answer, and its status. */
export function problemDetails(error: ApiError): { status: number; body: Record<string, unknown> } {
  const { status, title } = PROBLEMS[error.code];
  const detail = truncate(error.message, MAX_DETAIL);
  return {
    status,
    body: { type: 'about:blank', title, status, detail, code: error.code, ...error.more },
  };
}

/** The headers of an error's answer, beside those of its body. */
export function headersOf({ code, more }: ApiError): Record<string, string> {
  const headers: Record<string, string> = {};
  // The rest of the body is not read.
  if (code === 'body_too_large') headers.connection = 'close';
  if (PROBLEMS[code].status === 503) headers['retry-after'] = String(RETRY_AFTER_S);
  if (code === 'method_not_allowed' && Array.isArray(more.allow)) headers.allow = more.allow.join(', ');
  return headers;
}

/** What Fastify says by a status alone. */
const BY_STATUS: Partial<Record<number, ProblemCode>> = { 413: 'body_too_large', 414: 'uri_too_long' };

/** Any error in the API's terms. What is not known is `internal`, and its text stays here. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const options = { cause: error };
  // Nobody gets it, and it is no fault of anybody.
  if (error instanceof StoppedError) {
    return new ApiError('bad_request', 'The client went before it had its answer.', {}, options);
  }
  if (error instanceof StoreError) {
    return error.code === 'timeout'
      ? new ApiError('store_timeout', 'The object store did not answer in time.', {}, options)
      : new ApiError('store_unavailable', 'The object store did not answer as it should.', {}, options);
  }
  if (error instanceof BusError) {
    return new ApiError('ingestor_unavailable', 'The ingestor did not answer.', {}, options);
  }
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    if (error.statusCode >= 400 && error.statusCode < 500) {
      return new ApiError(
        BY_STATUS[error.statusCode] ?? 'bad_request',
        truncate(error.message, 200),
        {},
        options,
      );
    }
  }
  return new ApiError('internal', 'It is in the log of the service.', {}, options);
}
