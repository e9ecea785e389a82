/** Every error of the API: a stable code, its HTTP status and title. `problemCodes` has those of a data set. */
export const PROBLEMS = {
  bad_parameter: { status: 400, title: 'Invalid parameter' },
  bad_request: { status: 400, title: 'Invalid request' },
  cross_site: { status: 403, title: 'Cross-site request' },
  unauthorized: { status: 401, title: 'Token required' },
  forbidden: { status: 403, title: 'Scope missing' },
  not_found: { status: 404, title: 'Unknown address' },
  user_not_found: { status: 404, title: 'Unknown id' },
  image_not_found: { status: 404, title: 'File not found' },
  image_unreadable: { status: 404, title: 'File can’t be read' },
  row_not_found: { status: 404, title: 'Unknown id' },
  companion_not_found: { status: 404, title: 'File not found' },
  companion_unreadable: { status: 404, title: 'File can’t be read' },
  run_not_found: { status: 404, title: 'Unknown run' },
  generation_not_found: { status: 404, title: 'Generation does not exist yet' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  not_acceptable: { status: 406, title: 'No acceptable format' },
  request_timeout: { status: 408, title: 'Request timeout' },
  generation_gone: { status: 410, title: 'Generation is not kept any more' },
  body_too_large: { status: 413, title: 'Request body too large' },
  uri_too_long: { status: 414, title: 'Address too long' },
  range_not_satisfiable: { status: 416, title: 'Range is outside of the file' },
  expectation_failed: { status: 417, title: 'Unsupported Expect header' },
  misdirected: { status: 421, title: 'Unknown host name' },
  headers_too_large: { status: 431, title: 'Request headers too large' },
  too_many_requests: { status: 429, title: 'Too many requests of one client' },
  generation_not_reached: { status: 503, title: 'Generation is not served yet' },
  run_failed: { status: 502, title: 'Run failed' },
  no_data_set: { status: 503, title: 'No data set yet' },
  ingestor_unavailable: { status: 503, title: 'Ingestor does not respond' },
  store_unavailable: { status: 503, title: 'Object store does not respond' },
  store_timeout: { status: 504, title: 'Object store timeout' },
  not_loaded: { status: 503, title: 'Published generation can’t be loaded' },
  too_busy: { status: 503, title: 'Too many requests' },
  shutting_down: { status: 503, title: 'Service is stopping' },
  internal: { status: 500, title: 'Internal error' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An error that the client receives as a problem (RFC 9457). */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly code: ProblemCode;
  /** Extension members of the problem. */
  readonly more: Readonly<Record<string, unknown>>;

  /** @param detail shown to the client */
  constructor(code: ProblemCode, detail: string, more: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
    this.more = more;
  }
}
