import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { minGenerationParameter } from '../request/generation-parameters.ts';
import { ChangeSchema } from '../response/change-schema.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { etagsFor } from '../response/etag.ts';
import {
  chunkTexts,
  FORMATS,
  formatParameter,
  frameStream,
  mediaType,
  negotiateFormat,
} from '../response/formats.ts';
import { notModifiedResponse, problemResponses, streamedResponse } from '../response/openapi.ts';
import { replyNotModified } from '../response/reply-not-modified.ts';
import { sendText } from '../response/send-body.ts';
import { waitForGeneration } from '../response/wait-for-generation.ts';

const FORMATS_HERE = ['json', 'ndjson'] as const;

const ChangesQuery = Type.Object(
  {
    since: Type.Integer({ minimum: 1, description: 'the generation one has' }),
    format: formatParameter(...FORMATS_HERE),
    min_generation: minGenerationParameter,
  },
  { additionalProperties: false },
);

/** What has changed, for those who follow the data set without asking for all of it. */
export function changeRoutes(app: Scope, deps: ApiContext): void {
  const { dataSet, clock } = deps;
  const { generations } = dataSet;
  const schema = {
    summary: 'What was added, updated and removed since a generation',
    description:
      'Each user who is otherwise now, once, as JSON or NDJSON. The header `Landfall-Generation` says up to which ' +
      'generation that goes: the next `since`.',
    tags: ['data'],
    querystring: ChangesQuery,
    response: {
      200: streamedResponse('The changes', {
        'application/json': Type.Array(ChangeSchema),
        [mediaType('ndjson')]: ChangeSchema,
      }),
      ...notModifiedResponse,
      ...problemResponses(400, 404, 406, 410, 503),
    },
  };
  app.get('/changes', { schema }, async (request, reply) => {
    const { query } = request;
    const format = negotiateFormat(request, query.format, FORMATS_HERE);
    await waitForGeneration(deps, query.min_generation, reply);
    const since = generations.byNumber(query.since);
    return await generations.readAt('newest', async (at) => {
      const tags = etagsFor(at, { path: '/changes', query, format, day: undefined });
      if (replyNotModified(request, reply, at, [tags.identity, tags.gzip])) return reply;
      // As long as the older one stays, so does the newer one.
      const changes = dataSet.changes(since, at, format, disconnectSignal(reply));
      reply.type(FORMATS[format].type);
      return await sendText(
        request,
        reply,
        at,
        tags,
        frameStream(chunkTexts(generations.keepWhileReading(since, clock, changes)), format),
      );
    });
  });
}
