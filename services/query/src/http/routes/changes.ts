import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { MAX_GENERATION, minGenerationParameter } from '../request/generation-parameters.ts';
import { changeSchema } from '../response/change-schema.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { etagsFor } from '../response/etag.ts';
import { FORMATS, formatParameter, frameStream, mediaType, negotiateFormat } from '../response/formats.ts';
import { notModifiedResponse, problemResponses, streamedResponse } from '../response/openapi.ts';
import { replyNotModified } from '../response/reply-not-modified.ts';
import { sendStream } from '../response/send-body.ts';
import { waitForGeneration } from '../response/wait-for-generation.ts';

const CHANGES_FORMATS = ['json', 'ndjson'] as const;

const ChangesQuery = Type.Object(
  {
    since: Type.Integer({ minimum: 1, maximum: MAX_GENERATION, description: 'the generation that you have' }),
    format: formatParameter(...CHANGES_FORMATS),
    min_generation: minGenerationParameter,
  },
  { additionalProperties: false },
);

/** `GET /changes`: the rows that differ between an earlier generation and the newest. */
export function changeRoutes(app: Scope, context: ApiContext): void {
  const { dataSet, clock, definition, longResponses, pins, clientOf } = context;
  const { generations } = dataSet;
  const schema = {
    operationId: 'listChanges',
    summary: `List the ${definition.name} that were added, updated or removed since a generation`,
    description:
      `Each ${definition.one} that differs from then appears once, with its current values, as JSON or NDJSON. The ` +
      'header `Landfall-Generation` is the generation that the changes lead to: use it as the next `since`.',
    tags: ['data'],
    querystring: ChangesQuery,
    response: {
      200: streamedResponse('The changes', {
        'application/json': Type.Array(changeSchema(definition)),
        [mediaType('ndjson')]: changeSchema(definition),
      }),
      ...notModifiedResponse,
      ...problemResponses(definition, 400, 404, 406, 410, 503),
    },
  };
  app.get('/changes', { schema }, async (request, reply) => {
    const { query } = request;
    const format = negotiateFormat(request, query.format, CHANGES_FORMATS);
    await waitForGeneration(context, query.min_generation, reply);
    const since = generations.byNumber(query.since);
    return await generations.readAt('newest', async (at) => {
      const etags = etagsFor(at, { path: '/changes', query, format, day: undefined });
      if (replyNotModified(request, reply, at, [etags.identity, etags.gzip])) return reply;
      const changes = dataSet.changes(since, at, format, disconnectSignal(reply));
      // Generations are dropped oldest first: while `since` is kept, so is `at`.
      const text = frameStream(
        pins.useWhileReading(clientOf(request.raw), since, clock, changes),
        format,
        '',
      );
      reply.type(FORMATS[format].type);
      return await sendStream(longResponses, request, reply, at, etags, text);
    });
  });
}
