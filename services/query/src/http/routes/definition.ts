import { DefinitionFile } from '@landfall/contracts/definition/definition-schema';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { NoQuery } from '../request/query-string.ts';
import { problemResponses, streamedResponse } from '../response/openapi.ts';

/** `GET /definition`: the definition of the data set, as a definition file with all defaults. */
export function definitionRoutes(app: Scope, { definition }: ApiContext): void {
  const schema = {
    operationId: 'getDefinition',
    summary: 'Get the definition of the data set: its columns, types, files and statistics',
    tags: ['data'],
    querystring: NoQuery,
    response: {
      200: streamedResponse('The definition', { 'application/json': DefinitionFile }),
      ...problemResponses(definition, 400),
    },
  };
  const body = Buffer.from(JSON.stringify(definition));
  app.get('/definition', { schema }, async (_request, reply) =>
    reply.header('cache-control', 'no-cache').type('application/json; charset=utf-8').send(body),
  );
}
