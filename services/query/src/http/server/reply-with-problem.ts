import { ApiError } from '../../errors/api-error.ts';
import { truncate } from '../../errors/truncate.ts';
import type { Reply, Request } from '../fastify-scope.ts';
import { PROBLEM_TYPE, problemDetails, problemHeaders, toApiError } from '../response/problem-details.ts';
import { spanOf } from '../tracing/request-span.ts';
import { allMethods, methodsOf, type RouteTable } from './allowed-methods.ts';

/** Characters of an error's cause that a log line shows. */
const MAX_LOGGED_CAUSE = 500;
/** Characters of an address that an error or a log line shows. */
const MAX_SHOWN_URL = 200;

/** Sends any error that a route throws as a problem, and logs the service's own errors. */
export function replyWithProblem(error: unknown, request: Request, reply: Reply) {
  const apiError = toApiError(error);
  const { status, body } = problemDetails(apiError);
  // The client has disconnected. That may be the cause of the error.
  if (reply.raw.closed) return reply.code(status).send();
  const url = truncate(request.url, MAX_SHOWN_URL);
  const { traceId: trace_id } = spanOf(request.raw);
  if (apiError.code === 'internal') request.log.error({ err: error, url, trace_id }, 'a request failed');
  else if (status >= 500) {
    const { cause } = apiError;
    const why = truncate(cause instanceof Error ? cause.message : apiError.message, MAX_LOGGED_CAUSE);
    request.log.warn(
      { code: apiError.code, why, url, trace_id },
      'a request failed because of a dependency or a limit',
    );
  }
  return reply.code(status).headers(problemHeaders(apiError)).type(PROBLEM_TYPE).send(body);
}

/**
 * Replies to a request that matches no route: `OPTIONS`, an unknown address, or a method that the address does not have.
 *
 * @throws ApiError not_found, method_not_allowed
 */
export function replyToUnrouted(routes: RouteTable, request: Request, reply: Reply) {
  const { method, url } = request;
  const path = url.split('?', 1)[0] ?? '';
  const allow = path === '*' ? allMethods(routes) : methodsOf(routes, path);
  const shown = `${method} ${truncate(url, MAX_SHOWN_URL)}`;
  if (allow && method === 'OPTIONS') return reply.code(204).header('allow', allow.join(', ')).send();
  // A pattern that ends in `*` fits more addresses than there are.
  if (!allow || allow.includes(method))
    throw new ApiError('not_found', `${shown} does not exist. The API is documented at /docs.`);
  throw new ApiError('method_not_allowed', `${shown} is not allowed. Allowed are ${allow.join(', ')}.`, {
    allow,
  });
}
