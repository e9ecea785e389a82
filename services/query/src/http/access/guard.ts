import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Access } from '../../access/access.ts';
import { hasScope, setCaller } from '../../access/caller.ts';
import { ApiError } from '../../errors/api-error.ts';
import { PRIVATE } from '../response/cache-control.ts';
import { normalizeTarget } from '../server/request-target.ts';
import { writeProblem } from '../server/write-problem.ts';
import { forbiddenError, unauthorizedError } from './access-errors.ts';
import { identify } from './identify.ts';
import { neededScope } from './needed-scope.ts';
import { SIGN_IN_PATH } from './sign-in-paths.ts';

/**
 * Checks the token of every request. It stands in front of the response cache and of Fastify: nothing behind it has to ask
 * whether the client may read.
 */
export function guardRequests(access: Access, handler: RequestListener): RequestListener {
  return (request, response) => {
    const refusal = check(access, request);
    if (refusal === undefined) handler(request, response);
    else if (refusal.code === 'unauthorized' && isNavigation(request)) redirectToSignIn(request, response);
    else writeProblem(response, refusal, { 'cache-control': PRIVATE });
  };
}

/** Notes the caller of a request. @returns why the request is refused; undefined when it is not */
function check(access: Access, request: IncomingMessage): ApiError | undefined {
  try {
    normalizeTarget(request);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  const { method, url = '' } = request;
  const needed = neededScope(method, url.split('?', 1)[0] ?? '');
  const caller = identify(access, request.headers);
  setCaller(request, caller === 'invalid' ? { token: undefined, scope: undefined } : caller);
  if (needed === undefined) return undefined;
  if (caller === 'invalid') return unauthorizedError('invalid');
  if (hasScope(request, needed)) return undefined;
  return caller.token ? forbiddenError(needed) : unauthorizedError('missing');
}

/** Whether a browser opens a page. */
const isNavigation = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.authorization === undefined && /\btext\/html\b/.test(headers.accept ?? '');

function redirectToSignIn({ url = '/' }: IncomingMessage, response: ServerResponse): void {
  const location = `${SIGN_IN_PATH}?next=${encodeURIComponent(url)}`;
  response.writeHead(303, { location, 'cache-control': PRIVATE, 'content-length': 0 }).end();
}
