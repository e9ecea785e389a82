import type { TokenScope } from '../../access/scopes.ts';
import { ApiError } from '../../errors/api-error.ts';

/** 401: the request has no token, or one that is not listed. */
export function unauthorizedError(why: 'missing' | 'invalid'): ApiError {
  return why === 'missing'
    ? new ApiError('unauthorized', 'This needs a token: send the header Authorization: Bearer <token>.')
    : new ApiError('unauthorized', 'The token is unknown, or was removed.', { error: 'invalid_token' });
}

/** 403: the token lacks a scope. */
export const forbiddenError = (scope: TokenScope): ApiError =>
  new ApiError('forbidden', `The token lacks the scope ${scope}.`, { error: 'insufficient_scope', scope });
