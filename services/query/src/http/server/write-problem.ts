import { type ServerResponse, STATUS_CODES } from 'node:http';
import { ApiError, type ProblemCode } from '../../errors/api-error.ts';
import { PROBLEM_TYPE, problemDetails, problemHeaders } from '../response/problem-details.ts';

/** What is said of an error that Fastify does not know of. */
const DETAILS: Partial<Record<ProblemCode, string>> = {
  too_busy: 'Too many requests are being answered. Try again later.',
  shutting_down: 'The service is stopping. Try again later.',
  expectation_failed: 'Only 100-continue can be expected.',
  method_not_allowed: 'This is no proxy.',
};

const errorOf = (error: ProblemCode | ApiError): ApiError =>
  typeof error === 'string' ? new ApiError(error, DETAILS[error] ?? '') : error;

/** Answers a request with a problem, past Fastify. */
export function writeProblem(
  response: ServerResponse,
  error: ProblemCode | ApiError,
  headers: Record<string, string> = {},
): void {
  const told = errorOf(error);
  const { status, body } = problemDetails(told);
  const bytes = Buffer.from(JSON.stringify(body));
  response
    .writeHead(status, {
      ...problemHeaders(told),
      ...headers,
      'content-type': PROBLEM_TYPE,
      'content-length': bytes.length,
    })
    .end(bytes);
}

/** A whole HTTP/1.1 response that closes its connection, for a socket without a request that could be understood. */
export function rawProblem(error: ProblemCode | ApiError): Buffer {
  const told = errorOf(error);
  const { status, body } = problemDetails(told);
  const bytes = Buffer.from(JSON.stringify(body));
  const headers = {
    ...problemHeaders(told),
    'content-type': PROBLEM_TYPE,
    'content-length': bytes.length,
    date: new Date().toUTCString(),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes]);
}
