import { USERS } from '@landfall/contracts/dataset/users';
import { Type } from 'typebox';
import { statsOf } from '../../statistics/summary.ts';
import type { AppDeps } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { filterParameters, readFilter } from '../request/filter-parameters.ts';
import { clientGone } from '../response/client-gone.ts';
import {
  generationParameter,
  isAnswered,
  minGeneration,
  notModified,
  problems,
  stamp,
  untilServed,
} from '../response/conditional.ts';
import { tagsOf } from '../response/etag.ts';
import { StatsSchema } from '../response/stats-schema.ts';

const StatsQuery = Type.Object(
  {
    ...filterParameters,
    histogram: Type.Optional(Type.Boolean({ description: '`true`: users by age as well' })),
    generation: generationParameter,
    min_generation: minGeneration,
  },
  { additionalProperties: false },
);

/** Figures about the users that match. */
export function statsRoutes(app: Scope, deps: AppDeps): void {
  const { dataSet, clock } = deps;
  const { generations } = dataSet;
  const schema = {
    summary: 'Figures about the users that match',
    tags: ['data'],
    querystring: StatsQuery,
    response: { 200: StatsSchema, ...notModified, ...problems(400, 404, 410, 503) },
  };
  app.get('/stats', { schema }, async (request, reply) => {
    const { query } = request;
    const now = clock();
    const filter = readFilter(query, now);
    await untilServed(deps, query.min_generation, reply);
    const pinned = query.generation === undefined ? undefined : generations.at(query.generation);
    return await generations.read(pinned, async (at) => {
      const { identity } = tagsOf(at, { path: '/stats', query, day: now });
      if (isAnswered(request, reply, at, [identity])) return reply;
      const born = await dataSet.born(at, filter, clientGone(reply));
      const stats = statsOf(USERS, born, filter, query.histogram === true, now);
      stamp(reply, at, identity);
      return stats;
    });
  });
}
