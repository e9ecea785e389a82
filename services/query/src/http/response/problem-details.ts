import { StoppedError } from '@landfall/concurrency/stoppable';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { BusError } from '@landfall/event-bus/event-bus';
import { StoreError } from '@landfall/object-store/object-store';
import { type TSchema, Type } from 'typebox';
import { ApiError, PROBLEMS, type ProblemCode } from '../../errors/api-error.ts';
import { problemCodes } from '../../errors/row-problem-code.ts';
import { truncate } from '../../errors/truncate.ts';

/** Schema of the body of every error in the API of a data set. @see RFC 9457 */
export const problemSchema = (definition: Definition) => problemSchemaOf(Type.Enum(problemCodes(definition)));

/** Schema of the body of an error with one of some codes. */
export const problemSchemaOf = (code: TSchema) =>
  Type.Object(
    { type: Type.String(), title: Type.String(), status: Type.Integer(), detail: Type.String(), code },
    { title: 'Problem', additionalProperties: true },
  );

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
/** Value of `Retry-After` where an error has no time of its own, seconds. */
export const RETRY_AFTER_S = 5;
/** Characters of a detail. What a detail quotes is truncated to less, so that the sentence around it stays whole. */
const MAX_DETAIL = 4_000;

/** The status and the body of an error. */
export function problemDetails(error: ApiError): { status: number; body: Record<string, unknown> } {
  const { status, title } = PROBLEMS[error.code];
  const detail = truncate(error.message, MAX_DETAIL);
  return {
    status,
    body: { type: 'about:blank', title, status, detail, code: error.code, ...error.more },
  };
}

/** The headers of an error, beside those that describe the body. */
export function problemHeaders({ code, more }: ApiError): Record<string, string> {
  const headers: Record<string, string> = {};
  // The rest of the request's body is not read.
  if (code === 'body_too_large') headers.connection = 'close';
  const { status } = PROBLEMS[code];
  if (status === 503 || status === 429) headers['retry-after'] = String(more.retry_after ?? RETRY_AFTER_S);
  if (code === 'method_not_allowed' && Array.isArray(more.allow)) headers.allow = more.allow.join(', ');
  if (code === 'unauthorized' || code === 'forbidden') headers['www-authenticate'] = challenge(more);
  if (code === 'range_not_satisfiable') headers['content-range'] = `bytes */${more.size}`;
  return headers;
}

/** The challenge of an error of access (RFC 6750, 3). */
function challenge({ error, scope }: ApiError['more']): string {
  const errorAttribute = error === undefined ? '' : `, error="${error}"`;
  return `Bearer realm="landfall"${errorAttribute}${scope === undefined ? '' : `, scope="${scope}"`}`;
}

/** The codes of errors of which Fastify reports the status alone. */
const CODE_BY_STATUS: Partial<Record<number, ProblemCode>> = { 413: 'body_too_large', 414: 'uri_too_long' };

/** Translates any error. An unexpected one becomes `internal`, and its message is not shown. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const options = { cause: error };
  // Nobody receives this: the client has disconnected.
  if (error instanceof StoppedError) {
    return new ApiError(
      'bad_request',
      'The client disconnected before the response was complete.',
      {},
      options,
    );
  }
  if (error instanceof StoreError) {
    return error.code === 'timeout'
      ? new ApiError('store_timeout', 'The object store did not respond in time.', {}, options)
      : new ApiError('store_unavailable', 'The object store did not respond as expected.', {}, options);
  }
  if (error instanceof BusError) {
    return new ApiError('ingestor_unavailable', 'The ingestor did not respond.', {}, options);
  }
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    if (error.statusCode >= 400 && error.statusCode < 500) {
      const code = CODE_BY_STATUS[error.statusCode] ?? 'bad_request';
      return new ApiError(code, truncate(error.message, 200), {}, options);
    }
  }
  return new ApiError('internal', 'The log of the service has the cause.', {}, options);
}
