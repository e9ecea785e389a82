import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { NoQuery } from '../request/query-string.ts';
import { problemResponses } from '../response/openapi.ts';

const Generation = Type.Object(
  {
    generation: Type.Integer({ minimum: 1 }),
    version: Type.String({ description: 'SHA-256 of output.csv, hex' }),
    rows: Type.Integer({ minimum: 0, description: 'number of rows' }),
    created_at: Type.String({ format: 'date-time' }),
  },
  { title: 'Generation' },
);

/** Generations in the list. More are kept only when many were published within minutes. */
const MAX_LISTED = 1_000;

/** `GET /generations`: the values that `generation=` accepts. */
export function generationRoutes(app: Scope, { definition, dataSet }: ApiContext): void {
  const schema = {
    operationId: 'listGenerations',
    summary: 'List the generations that can be read, newest first',
    description: `The newest ${MAX_LISTED}.`,
    tags: ['data'],
    querystring: NoQuery,
    response: { 200: Type.Array(Generation), ...problemResponses(definition, 400) },
  };
  app.get('/generations', { schema }, async (_request, reply) => {
    // The list describes the present and belongs to no generation: it gets no ETag.
    reply.header('cache-control', 'no-cache');
    return dataSet.generations
      .all()
      .slice(0, MAX_LISTED)
      .map(({ generation, version, rows, created_at }) => ({ generation, version, rows, created_at }));
  });
}
