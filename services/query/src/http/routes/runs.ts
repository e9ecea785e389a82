import { Run } from '@landfall/contracts/messages/run';
import { Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import { truncate } from '../../errors/truncate.ts';
import { publicRun } from '../../monitoring/public-text.ts';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { NoQuery } from '../request/query-string.ts';
import { problemResponses } from '../response/openapi.ts';

/** Characters of an id that an error shows. */
const MAX_SHOWN_ID = 100;

/** `GET /runs` and `GET /runs/{id}`: the recent runs of the ingestor. */
export function runRoutes(app: Scope, { definition, runs }: ApiContext): void {
  const list = {
    operationId: 'listRuns',
    summary: 'List the recent runs, newest first',
    tags: ['runs'],
    querystring: NoQuery,
    response: { 200: Type.Array(Run), ...problemResponses(definition, 400) },
  };
  app.get('/runs', { schema: list }, async () => runs.newestFirst().map(publicRun));

  const one = {
    operationId: 'getRun',
    summary: 'Get the progress or the report of one run',
    tags: ['runs'],
    params: Type.Object({ run_id: Type.String() }),
    querystring: NoQuery,
    response: { 200: Run, ...problemResponses(definition, 400, 404) },
  };
  app.get('/runs/:run_id', { schema: one }, async (request) => {
    const run = runs.get(request.params.run_id);
    if (run) return publicRun(run);
    const id = truncate(JSON.stringify(request.params.run_id), MAX_SHOWN_ID);
    throw new ApiError('run_not_found', `There is no run ${id} among the recent runs.`);
  });
}
