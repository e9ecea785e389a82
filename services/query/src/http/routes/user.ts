import { rowSchema } from '@landfall/contracts/dataset/row-schema';
import { USERS } from '@landfall/contracts/dataset/users';
import { Type } from 'typebox';
import type { AppDeps } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import {
  generationParameter,
  isAnswered,
  minGeneration,
  notModified,
  problems,
  stamp,
  UserParams,
  untilServed,
  userIdIn,
  userNotFound,
} from '../response/conditional.ts';
import { tagsOf } from '../response/etag.ts';

const UserQuery = Type.Object(
  { generation: generationParameter, min_generation: minGeneration },
  { additionalProperties: false },
);

/** One user. */
export function userRoutes(app: Scope, deps: AppDeps): void {
  const { dataSet } = deps;
  const schema = {
    summary: 'One user',
    tags: ['data'],
    params: UserParams,
    querystring: UserQuery,
    response: { 200: rowSchema(USERS), ...notModified, ...problems(400, 404, 410, 503) },
  };
  app.get('/data/:user_id', { schema }, async (request, reply) => {
    const userId = userIdIn(request.params);
    const { generation, min_generation } = request.query;
    await untilServed(deps, min_generation, reply);
    const { generations } = dataSet;
    const pinned = generation === undefined ? undefined : generations.at(generation);
    return await generations.read(pinned, async (at) => {
      const { identity } = tagsOf(at, { path: '/data/user', query: { userId }, day: undefined });
      // A tag was given out for a user who is there. `*` means any (RFC 9110, 13.1.2), so it has yet to be seen.
      const meansAny = request.headers['if-none-match']?.trim() === '*';
      if (!meansAny && isAnswered(request, reply, at, [identity])) return reply;
      const user = dataSet.user(at, userId);
      if (!user) throw userNotFound(userId);
      if (meansAny && isAnswered(request, reply, at, [identity])) return reply;
      stamp(reply, at, identity);
      return user;
    });
  });
}
