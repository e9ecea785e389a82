import { isReport } from '@landfall/contracts/messages/run';
import { Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import { datasetEvent, runEvent, statusEvent } from '../../monitoring/event-broadcaster.ts';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { NoQuery } from '../request/query-string.ts';
import { disconnectSignal } from '../response/disconnect-signal.ts';
import { problemResponses, streamedResponse } from '../response/openapi.ts';

/** What goes on, as it goes on. */
export function eventRoutes(app: Scope, { events, dataSet, runs, status, limits }: ApiContext): void {
  const schema = {
    summary: 'Server-sent events',
    description:
      '`dataset` when another generation is served; `run` while a run goes on and when it is over; `status` when it ' +
      'goes better or worse than before. At the beginning one is told how things are: which generation is served, ' +
      'unless `Last-Event-ID` is its id, the runs that go on, and the status.',
    tags: ['runs'],
    querystring: NoQuery,
    response: {
      200: streamedResponse('Events', { 'text/event-stream': Type.String() }),
      ...problemResponses(400, 503),
    },
  };
  // No HEAD: it would never end.
  app.get('/events', { schema, sse: 'manual', exposeHeadRoute: false }, async (request, reply) => {
    if (events.listeners() >= limits.eventClients) {
      throw new ApiError('too_busy', 'Too many clients listen to events.');
    }
    const told = events.listen(disconnectSignal(reply));
    reply.sse.sendHeaders();
    const manifest = dataSet.generations.current();
    const served = manifest && datasetEvent(manifest);
    if (served && served.id !== request.headers['last-event-id']) await reply.sse.send(served);
    for (const run of runs.newestFirst()) if (!isReport(run)) await reply.sse.send(runEvent(run));
    await reply.sse.send(statusEvent(status.status()));
    await reply.sse.send(told);
  });
}
