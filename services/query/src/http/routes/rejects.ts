import { rejectsHeader } from '@landfall/contracts/dataset/reject-codec';
import { rejectSchema } from '@landfall/contracts/dataset/reject-schema';
import { USERS } from '@landfall/contracts/dataset/users';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { minGenerationParameter } from '../request/generation-parameters.ts';
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

const FORMATS_HERE = ['json', 'csv'] as const;

const RejectsQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'so many at most (default: all of them)' }),
    ),
    format: formatParameter(...FORMATS_HERE),
    min_generation: minGenerationParameter,
  },
  { additionalProperties: false },
);

/** What is wrong in the source bucket now. */
export function rejectRoutes(app: Scope, deps: ApiContext): void {
  const { dataSet, clock } = deps;
  const { generations } = dataSet;
  const schema = {
    summary: 'The record objects that can’t be used now, and why',
    description: 'As JSON, or as CSV, which is rejects.csv.',
    tags: ['data'],
    querystring: RejectsQuery,
    response: {
      200: streamedResponse('What is wrong', {
        'application/json': Type.Array(rejectSchema(USERS)),
        [mediaType('csv')]: Type.String(),
      }),
      ...notModifiedResponse,
      ...problemResponses(400, 406, 503),
    },
  };
  app.get('/rejects', { schema }, async (request, reply) => {
    const { query } = request;
    const format = negotiateFormat(request, query.format, FORMATS_HERE);
    await waitForGeneration(deps, query.min_generation, reply);
    return await generations.readAt('newest', async (at) => {
      const tags = etagsFor(at, { path: '/rejects', query, format, day: undefined });
      if (replyNotModified(request, reply, at, [tags.identity, tags.gzip])) return reply;
      reply.type(FORMATS[format].type);
      const { limit = Number.POSITIVE_INFINITY } = query;
      const rejects = dataSet.rejects(at, format, limit, disconnectSignal(reply));
      const texts = chunkTexts(generations.keepWhileReading(at, clock, rejects));
      const header = rejectsHeader(USERS);
      return await sendText(request, reply, at, tags, frameStream(texts, format, header));
    });
  });
}
