import { Type } from 'typebox';
import type { ProblemCode } from '../../errors/api-error.ts';
import { problemSchemaOf } from '../response/problem-details.ts';
import { SESSION_COOKIE } from './cookies.ts';
import { neededScope } from './needed-scope.ts';

/** The ways to send a token, for the OpenAPI document. */
export const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A token of the list, made by `landfall token`' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
    description: 'Set by the sign-in page',
  },
} as const;

const EITHER = [{ bearer: [] }, { session: [] }];
const ANONYMOUS = {};
const FORBIDDEN = 'The token lacks the scope, or a page of another origin sent the request';

/** What the document says of the access to a route: the schemes, 401 and 403. */
export function describeAccess(method: string, url: string, isReadPublic: boolean) {
  const needed = neededScope(method, url);
  if (needed === undefined) return { security: [], response: {} };
  const isPublic = isReadPublic && needed === 'read';
  return {
    security: isPublic ? [ANONYMOUS, ...EITHER] : EITHER,
    response: {
      401: problem('The token is missing, unknown or removed', 'unauthorized'),
      ...(needed === 'read' ? {} : { 403: problem(FORBIDDEN, 'forbidden', 'cross_site') }),
    },
  };
}

const problem = (description: string, ...codes: ProblemCode[]) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchemaOf(Type.Enum(codes)) } },
});
