import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { NoQuery } from '../request/query-string.ts';
import { problemResponses } from '../response/openapi.ts';

const Generation = Type.Object(
  {
    generation: Type.Integer({ minimum: 1 }),
    version: Type.String({ description: 'SHA-256 of output.csv, hex' }),
    rows: Type.Integer({ minimum: 0, description: 'users' }),
    created_at: Type.String({ format: 'date-time' }),
  },
  { title: 'Generation' },
);

/** How many are listed. More are kept only where many were published within minutes. */
const MAX_LISTED = 1_000;

/** What can be asked for with `generation=`. */
export function generationRoutes(app: Scope, { dataSet }: ApiContext): void {
  const schema = {
    summary: 'The generations that can be read, the newest first',
    description: `The newest ${MAX_LISTED} of them.`,
    tags: ['data'],
    querystring: NoQuery,
    response: { 200: Type.Array(Generation), ...problemResponses(400) },
  };
  app.get('/generations', { schema }, async (_request, reply) => {
    // A list of what is there now: which generation an answer is of is not to be asked of it.
    reply.header('cache-control', 'no-cache');
    return dataSet.generations
      .all()
      .slice(0, MAX_LISTED)
      .map(({ generation, version, rows, created_at }) => ({ generation, version, rows, created_at }));
  });
}
