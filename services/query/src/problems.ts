import { BusError } from '@landfall/event-bus/event-bus';
import { StoreError } from '@landfall/object-store/object-store';
import { Type } from 'typebox';

/** Every error of the API: a code that stays, its HTTP status and title. */
export const PROBLEMS = {
  bad_parameter: { status: 400, title: 'A parameter is not valid' },
  bad_request: { status: 400, title: 'The request is not valid' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  user_not_found: { status: 404, title: 'There is no such user' },
  image_not_found: { status: 404, title: 'This user has no image' },
  run_not_found: { status: 404, title: 'There is no such run' },
  generation_not_found: { status: 404, title: 'There is no such generation yet' },
  generation_gone: { status: 410, title: 'This generation is not kept any more' },
  not_acceptable: { status: 406, title: 'There is no such format' },
  generation_not_reached: { status: 503, title: 'This generation is not served yet' },
  run_failed: { status: 502, title: 'The run failed' },
  no_data_set: { status: 503, title: 'There is no data set yet' },
  ingestor_unavailable: { status: 503, title: 'The ingestor can’t be reached' },
  store_unavailable: { status: 503, title: 'The object store can’t be reached' },
  not_loaded: { status: 503, title: 'What was published could not be loaded yet' },
  internal: { status: 500, title: 'Something went wrong here' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An error that is told to the client. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly code: ProblemCode;
  /** Members of the problem beside the standard ones. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, detail: string, more: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
    this.more = more;
  }
}

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
