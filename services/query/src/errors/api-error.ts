/** Every error of the API: a code that stays, its HTTP status and title. */
export const PROBLEMS = {
  bad_parameter: { status: 400, title: 'A parameter is not valid' },
  bad_request: { status: 400, title: 'The request is not valid' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  user_not_found: { status: 404, title: 'There is no such user' },
  image_not_found: { status: 404, title: 'This user has no image' },
  image_unreadable: { status: 404, title: 'The image of this user can’t be read' },
  run_not_found: { status: 404, title: 'There is no such run' },
  generation_not_found: { status: 404, title: 'There is no such generation yet' },
  method_not_allowed: { status: 405, title: 'This address does not have this method' },
  not_acceptable: { status: 406, title: 'There is no such format' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  generation_gone: { status: 410, title: 'This generation is not kept any more' },
  body_too_large: { status: 413, title: 'The body of the request is too large' },
  uri_too_long: { status: 414, title: 'The address is too long' },
  expectation_failed: { status: 417, title: 'The header Expect asks for what is not offered' },
  headers_too_large: { status: 431, title: 'The headers of the request are too large' },
  generation_not_reached: { status: 503, title: 'This generation is not served yet' },
  run_failed: { status: 502, title: 'The run failed' },
  no_data_set: { status: 503, title: 'There is no data set yet' },
  ingestor_unavailable: { status: 503, title: 'The ingestor can’t be reached' },
  store_unavailable: { status: 503, title: 'The object store can’t be reached' },
  store_timeout: { status: 504, title: 'The object store did not answer in time' },
  not_loaded: { status: 503, title: 'What was published could not be loaded yet' },
  too_busy: { status: 503, title: 'The service has too much to do' },
  shutting_down: { status: 503, title: 'The service is stopping' },
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
