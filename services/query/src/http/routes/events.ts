import { isReport } from '@landfall/contracts/messages/run';
import { Type } from 'typebox';
import { datasetEvent, runEvent, statusEvent } from '../../monitoring/event-broadcaster.ts';
import { endWithAccess } from '../access/end-with-access.ts';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { NoQuery } from '../request/query-string.ts';
import { cacheControl } from '../response/cache-control.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { problemResponses, streamedResponse } from '../response/openapi.ts';

/** `GET /events`: server-sent events. */
export function eventRoutes(
  app: Scope,
  { definition, events, dataSet, runs, status, longResponses, access, clock }: ApiContext,
): void {
  const schema = {
    operationId: 'subscribeToEvents',
    summary: 'Subscribe to server-sent events',
    description:
      '`dataset`: a new generation is served. `run`: progress or report of a run. `status`: the status has changed. A new ' +
      'subscriber first receives the current state: the generation that is served, unless `Last-Event-ID` is its id, the ' +
      'unfinished runs, and the status.',
    tags: ['runs'],
    querystring: NoQuery,
    response: {
      200: streamedResponse('Events', { 'text/event-stream': Type.String() }),
      ...problemResponses(definition, 400, 503),
    },
  };
  // A HEAD would never end.
  app.get('/events', { schema, sse: 'manual', exposeHeadRoute: false }, async (request, reply) => {
    longResponses.beginEvents(reply.raw);
    const ends = AbortSignal.any([disconnectSignal(reply), endWithAccess(access, reply, clock)]);
    const later = events.subscribe(ends);
    reply.header('cache-control', cacheControl(reply));
    reply.sse.sendHeaders();
    const manifest = dataSet.generations.current();
    const served = manifest && datasetEvent(manifest);
    if (served && served.id !== request.headers['last-event-id']) await reply.sse.send(served);
    for (const run of runs.newestFirst()) if (!isReport(run)) await reply.sse.send(runEvent(run));
    await reply.sse.send(statusEvent(status.status()));
    await reply.sse.send(later);
  });
}
