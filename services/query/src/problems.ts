import { BusError } from '@landfall/event-bus/event-bus';
import { StoreError } from '@landfall/object-store/object-store';
import { Type } from 'typebox';
import { ApiError, PROBLEMS } from './api-error.ts';
import { StoppedError } from './stop.ts';

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

/** The body of an error's answer, and its status. */
export function problemOf(error: ApiError): { status: number; body: Record<string, unknown> } {
  const { status, title } = PROBLEMS[error.code];
  return {
    status,
    body: { type: 'about:blank', title, status, detail: error.message, code: error.code, ...error.more },
  };
}

/** Any error in the API's terms. What is not known is `internal`, and its text stays here. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const options = { cause: error };
  // Nobody gets it, and it is no fault of anybody.
  if (error instanceof StoppedError) {
    return new ApiError('bad_request', 'The client went before it had its answer.', {}, options);
  }
  if (error instanceof StoreError) {
    return new ApiError('store_unavailable', 'The object store did not answer as it should.', {}, options);
  }
  if (error instanceof BusError) {
    return new ApiError('ingestor_unavailable', 'The ingestor did not answer.', {}, options);
  }
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    if (error.statusCode >= 400 && error.statusCode < 500) {
      return new ApiError('bad_request', error.message, {}, options);
    }
  }
  return new ApiError('internal', 'It is in the log of the service.', {}, options);
}
