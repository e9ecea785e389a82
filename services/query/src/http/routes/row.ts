import { rowSchema } from '@landfall/contracts/dataset/row-schema';
import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { generationParameter, minGenerationParameter } from '../request/generation-parameters.ts';
import { readRowId, rowNotFoundError, rowParams, rowPath } from '../request/row-id.ts';
import { etagsFor } from '../response/etag.ts';
import { setGenerationHeaders } from '../response/generation-headers.ts';
import { notModifiedResponse, problemResponses } from '../response/openapi.ts';
import { replyNotModified } from '../response/reply-not-modified.ts';
import { waitForGeneration } from '../response/wait-for-generation.ts';

const RowQuery = Type.Object(
  { generation: generationParameter, min_generation: minGenerationParameter },
  { additionalProperties: false },
);

/** `GET /data/{id}`: one row. */
export function rowRoutes(app: Scope, context: ApiContext): void {
  const { dataSet, definition } = context;
  const { generations } = dataSet;
  const schema = {
    operationId: 'getRow',
    summary: `Get one ${definition.one}`,
    tags: ['data'],
    params: rowParams(definition),
    querystring: RowQuery,
    response: {
      200: rowSchema(definition),
      ...notModifiedResponse,
      ...problemResponses(definition, 400, 404, 410, 503),
    },
  };
  app.get(rowPath(definition), { schema }, async (request, reply) => {
    const id = readRowId(definition, request.params);
    const { generation, min_generation } = request.query;
    await waitForGeneration(context, min_generation, reply);
    const pinned = generation === undefined ? undefined : generations.byNumber(generation);
    return await generations.readAt(pinned ?? 'newest', async (at) => {
      // An input of the hash and no address: it stays, so that ETags stay valid.
      const { identity } = etagsFor(at, { path: '/data/user', query: { userId: id }, day: undefined });
      // An ETag proves that the row exists. `*` does not: it matches any row that exists (RFC 9110, 13.1.2).
      const matchesAny = request.headers['if-none-match']?.trim() === '*';
      if (!matchesAny && replyNotModified(request, reply, at, [identity])) return reply;
      const row = dataSet.row(at, id);
      if (!row) throw rowNotFoundError(definition, id);
      if (matchesAny && replyNotModified(request, reply, at, [identity])) return reply;
      setGenerationHeaders(reply, at, identity);
      // Text: as a number, a decimal would lose the zeros at its end.
      return reply.type('application/json; charset=utf-8').send(row);
    });
  });
}
