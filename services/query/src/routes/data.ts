import { Readable } from 'node:stream';
import { User } from '@landfall/contracts/user';
import { Type } from 'typebox';
import type { AppDeps } from '../app.ts';
import { FilterQuery, readFilter } from '../filters.ts';
import { ApiError } from '../problems.ts';
import { NoQuery } from '../query-string.ts';
import { problems, stamp, streamed, UserParams } from './answer.ts';
import type { Scope } from './scope.ts';

/** The users: all that match, or one. */
export function dataRoutes(app: Scope, { dataSet, clock }: AppDeps): void {
  const list = {
    summary: 'The users that match, ordered by user_id',
    tags: ['data'],
    querystring: FilterQuery,
    response: {
      200: streamed('The users', 'application/json', Type.Array(User)),
      ...problems(400, 503),
    },
  };
  app.get('/data', { schema: list }, async (request, reply) => {
    const now = clock();
    const filter = readFilter(request.query, now);
    const { manifest, value: chunks } = await dataSet.usersAsJson(filter);
    stamp(reply, manifest, {
      path: '/data',
      query: request.query,
      day: filter.dependsOnDay ? now : undefined,
    });
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    reply.type('application/json; charset=utf-8').header('content-length', length);
    return reply.send(Readable.from(chunks));
  });

  const one = {
    summary: 'One user',
    tags: ['data'],
    params: UserParams,
    querystring: NoQuery,
    response: { 200: User, ...problems(400, 404, 503) },
  };
  app.get('/data/:user_id', { schema: one }, async (request, reply) => {
    const { user_id: userId } = request.params;
    const { manifest, value: user } = dataSet.user(userId);
    if (!user) throw new ApiError('user_not_found', `There is no user ${JSON.stringify(userId)}.`);
    stamp(reply, manifest, { path: '/data/user', query: { userId }, day: undefined });
    return user;
  });
}
