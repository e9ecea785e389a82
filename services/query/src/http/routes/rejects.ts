import { rejectsHeader } from '@landfall/contracts/dataset/reject-codec';
import { rejectSchema } from '@landfall/contracts/dataset/reject-schema';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { MAX_ROWS } from '../limits/limits.ts';
import { minGenerationParameter } from '../request/generation-parameters.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { etagsFor } from '../response/etag.ts';
import {
  excelParameter,
  FORMATS,
  formatParameter,
  frameStream,
  mediaType,
  negotiateTable,
} from '../response/formats.ts';
import { notModifiedResponse, problemResponses, streamedResponse } from '../response/openapi.ts';
import { replyNotModified } from '../response/reply-not-modified.ts';
import { sendStream } from '../response/send-body.ts';
import { waitForGeneration } from '../response/wait-for-generation.ts';

const REJECTS_FORMATS = ['json', 'csv'] as const;

const RejectsQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_ROWS, description: 'rows at most (default: all rows)' }),
    ),
    format: formatParameter(...REJECTS_FORMATS),
    excel: excelParameter,
    min_generation: minGenerationParameter,
  },
  { additionalProperties: false },
);

/** `GET /rejects`: the record objects that cannot be used. */
export function rejectRoutes(app: Scope, context: ApiContext): void {
  const { dataSet, clock, definition, longResponses, pins, clientOf } = context;
  const { generations } = dataSet;
  const csvHeader = rejectsHeader(definition);
  const schema = {
    operationId: 'listRejects',
    summary: 'List the record objects that can’t be used, with reasons',
    description: 'As JSON, or as CSV with the content of rejects.csv.',
    tags: ['data'],
    querystring: RejectsQuery,
    response: {
      200: streamedResponse('The rejects', {
        'application/json': Type.Array(rejectSchema(definition)),
        [mediaType('csv')]: Type.String(),
      }),
      ...notModifiedResponse,
      ...problemResponses(definition, 400, 406, 503),
    },
  };
  app.get('/rejects', { schema }, async (request, reply) => {
    const { query } = request;
    const format = negotiateTable(request, query, REJECTS_FORMATS);
    await waitForGeneration(context, query.min_generation, reply);
    return await generations.readAt('newest', async (at) => {
      const etags = etagsFor(at, { path: '/rejects', query, format, day: undefined });
      if (replyNotModified(request, reply, at, [etags.identity, etags.gzip])) return reply;
      reply.type(FORMATS[format].type);
      const { limit = Number.POSITIVE_INFINITY } = query;
      const rejects = dataSet.rejects(at, format, limit, disconnectSignal(reply));
      const text = frameStream(
        pins.useWhileReading(clientOf(request.raw), at, clock, rejects),
        format,
        csvHeader,
      );
      return await sendStream(longResponses, request, reply, at, etags, text);
    });
  });
}
