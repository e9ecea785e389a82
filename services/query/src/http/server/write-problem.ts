import { type ServerResponse, STATUS_CODES } from 'node:http';
import { ApiError, type ProblemCode } from '../../errors/api-error.ts';
import { SECURITY_HEADERS } from '../origin/security-headers.ts';
import { PROBLEM_TYPE, problemDetails, problemHeaders } from '../response/problem-details.ts';

/** Details of errors outside Fastify. */
const DETAILS: Partial<Record<ProblemCode, string>> = {
  too_busy: 'The service handles too many requests. Try again later.',
  shutting_down: 'The service is stopping. Try again later.',
  expectation_failed: 'The header Expect supports 100-continue only.',
  method_not_allowed: 'This server is not a proxy.',
};

const errorOf = (error: ProblemCode | ApiError): ApiError =>
  typeof error === 'string' ? new ApiError(error, DETAILS[error] ?? '') : error;

/** Sends a problem without Fastify. */
export function writeProblem(
  response: ServerResponse,
  error: ProblemCode | ApiError,
  headers: Record<string, string> = {},
): void {
  const apiError = errorOf(error);
  const { status, body } = problemDetails(apiError);
  const bytes = Buffer.from(JSON.stringify(body));
  response
    .writeHead(status, {
      ...problemHeaders(apiError),
      ...headers,
      'content-type': PROBLEM_TYPE,
      'content-length': bytes.length,
    })
    .end(bytes);
}

/**
 * A complete HTTP/1.1 response that closes the connection, for a socket without a valid request.
 *
 * @param counts of responses; incremented at the index of the status
 */
export function rawProblem(error: ProblemCode | ApiError, counts: number[]): Buffer {
  const apiError = errorOf(error);
  const { status, body } = problemDetails(apiError);
  counts[status] = (counts[status] ?? 0) + 1;
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = {
    ...SECURITY_HEADERS,
    ...problemHeaders(apiError),
    'content-type': PROBLEM_TYPE,
    'content-length': bytes.length,
    date: new Date().toUTCString(),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}
