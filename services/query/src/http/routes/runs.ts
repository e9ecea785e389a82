import { Run } from '@landfall/contracts/messages/run';
import { Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import { truncate } from '../../errors/truncate.ts';
import { publicRun } from '../../monitoring/public-text.ts';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { NoQuery } from '../request/query-string.ts';
import { problemResponses } from '../response/openapi.ts';

/** How much of an id an error shows, characters. */
const MAX_SHOWN_ID = 100;

/** The recent runs of the ingestor, as far as the bus has told. */
export function runRoutes(app: Scope, { runs }: ApiContext): void {
  const list = {
    summary: 'The recent runs, the newest first',
    tags: ['runs'],
    querystring: NoQuery,
    response: { 200: Type.Array(Run), ...problemResponses(400) },
  };
  app.get('/runs', { schema: list }, async () => runs.newestFirst().map(publicRun));

  const one = {
    summary: 'How far a run is, or its report',
    tags: ['runs'],
    params: Type.Object({ run_id: Type.String() }),
    querystring: NoQuery,
    response: { 200: Run, ...problemResponses(400, 404) },
  };
  app.get('/runs/:run_id', { schema: one }, async (request) => {
    const run = runs.get(request.params.run_id);
    if (run) return publicRun(run);
    const id = truncate(JSON.stringify(request.params.run_id), MAX_SHOWN_ID);
    throw new ApiError('run_not_found', `No run ${id} is known here.`);
  });
}
