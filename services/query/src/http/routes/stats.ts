import type { Definition } from '@landfall/contracts/dataset/definition';
import { Type } from 'typebox';
import { statsOf } from '../../statistics/summary.ts';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { filterParameters } from '../request/filter-parameters.ts';
import { generationParameter, minGenerationParameter } from '../request/generation-parameters.ts';
import { readFilter } from '../request/read-filter.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { etagsFor } from '../response/etag.ts';
import { setGenerationHeaders } from '../response/generation-headers.ts';
import { notModifiedResponse, problemResponses } from '../response/openapi.ts';
import { replyNotModified } from '../response/reply-not-modified.ts';
import { statsSchema } from '../response/stats-schema.ts';
import { waitForGeneration } from '../response/wait-for-generation.ts';

const statsQuerySchema = (definition: Definition) =>
  Type.Object(
    {
      ...filterParameters(definition),
      histogram: Type.Optional(Type.Boolean({ description: '`true`: adds the member `histogram`' })),
      generation: generationParameter,
      min_generation: minGenerationParameter,
    },
    { additionalProperties: false },
  );

/** `GET /stats`: statistics of the rows that match. */
export function statsRoutes(app: Scope, context: ApiContext): void {
  const { dataSet, clock, definition } = context;
  const { generations } = dataSet;
  const schema = {
    summary: `Get statistics of the ${definition.name} that match`,
    tags: ['data'],
    querystring: statsQuerySchema(definition),
    response: {
      200: statsSchema(definition),
      ...notModifiedResponse,
      ...problemResponses(400, 404, 410, 503),
    },
  };
  app.get('/stats', { schema }, async (request, reply) => {
    const { query } = request;
    const now = clock();
    const filter = readFilter(definition, query, now);
    await waitForGeneration(context, query.min_generation, reply);
    const pinned = query.generation === undefined ? undefined : generations.byNumber(query.generation);
    return await generations.readAt(pinned ?? 'newest', async (at) => {
      const { identity } = etagsFor(at, { path: '/stats', query, day: now });
      if (replyNotModified(request, reply, at, [identity])) return reply;
      const counts = await dataSet.dayCounts(at, filter, () => disconnectSignal(reply));
      setGenerationHeaders(reply, at, identity);
      return statsOf(definition, counts, filter, query.histogram === true, now);
    });
  });
}
