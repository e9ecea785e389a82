import { Reject } from '@landfall/contracts/reject';
import { Type } from 'typebox';
import type { AppDeps } from '../app.ts';
import { NoQuery } from '../query-string.ts';
import { problems, stamp } from './answer.ts';
import type { Scope } from './scope.ts';

/** What is wrong in the source bucket now. */
export function rejectRoutes(app: Scope, { dataSet }: AppDeps): void {
  const schema = {
    summary: 'The record objects that can’t be used now, and why',
    tags: ['data'],
    querystring: NoQuery,
    response: { 200: Type.Array(Reject), ...problems(400, 503) },
  };
  app.get('/rejects', { schema }, async (_request, reply) => {
    const { manifest, value } = dataSet.rejects();
    stamp(reply, manifest, { path: '/rejects', query: {}, day: undefined });
    return value;
  });
}
