import { USERS } from '@landfall/contracts/dataset/users';
import { Type } from 'typebox';
import { statsOf } from '../../statistics/summary.ts';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { filterParameters, readFilter } from '../request/filter-parameters.ts';
import { generationParameter, minGenerationParameter } from '../request/generation-parameters.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { etagsFor } from '../response/etag.ts';
import { setGenerationHeaders } from '../response/generation-headers.ts';
import { notModifiedResponse, problemResponses } from '../response/openapi.ts';
import { replyNotModified } from '../response/reply-not-modified.ts';
import { StatsSchema } from '../response/stats-schema.ts';
import { waitForGeneration } from '../response/wait-for-generation.ts';

const StatsQuery = Type.Object(
  {
    ...filterParameters,
    histogram: Type.Optional(Type.Boolean({ description: '`true`: users by age as well' })),
    generation: generationParameter,
    min_generation: minGenerationParameter,
  },
  { additionalProperties: false },
);

/** Figures about the users that match. */
export function statsRoutes(app: Scope, deps: ApiContext): void {
  const { dataSet, clock } = deps;
  const { generations } = dataSet;
  const schema = {
    summary: 'Figures about the users that match',
    tags: ['data'],
    querystring: StatsQuery,
    response: { 200: StatsSchema, ...notModifiedResponse, ...problemResponses(400, 404, 410, 503) },
  };
  app.get('/stats', { schema }, async (request, reply) => {
    const { query } = request;
    const now = clock();
    const filter = readFilter(query, now);
    await waitForGeneration(deps, query.min_generation, reply);
    const pinned = query.generation === undefined ? undefined : generations.byNumber(query.generation);
    return await generations.readAt(pinned ?? 'newest', async (at) => {
      const { identity } = etagsFor(at, { path: '/stats', query, day: now });
      if (replyNotModified(request, reply, at, [identity])) return reply;
      const born = await dataSet.dayCounts(at, filter, disconnectSignal(reply));
      const stats = statsOf(USERS, born, filter, query.histogram === true, now);
      setGenerationHeaders(reply, at, identity);
      return stats;
    });
  });
}
