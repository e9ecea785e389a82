import { Type } from 'typebox';
import type { AppDeps } from '../context.ts';
import { tagsOf } from '../etag.ts';
import { filterParameters, readFilter } from '../filters.ts';
import { Stats, statsOf } from '../stats.ts';
import {
  generationParameter,
  isAnswered,
  minGeneration,
  notModified,
  problems,
  stamp,
  untilServed,
} from './answer.ts';
import { clientGone } from './client-gone.ts';
import type { Scope } from './scope.ts';

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
    response: { 200: Stats, ...notModified, ...problems(400, 404, 410, 503) },
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
      const stats = statsOf(born, filter, query.histogram === true, now);
      stamp(reply, at, identity);
      return stats;
    });
  });
}
