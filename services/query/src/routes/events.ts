import { Type } from 'typebox';
import type { AppDeps } from '../app.ts';
import { datasetEvent } from '../live-events.ts';
import { NoQuery } from '../query-string.ts';
import { problems, streamed } from './answer.ts';
import type { Scope } from './scope.ts';

/** What goes on, as it goes on. */
export function eventRoutes(app: Scope, { events, dataSet }: AppDeps): void {
  const schema = {
    summary: 'Server-sent events',
    description:
      '`dataset` when another generation is served, and at the beginning the one that is; `run` while a run goes ' +
      'on and when it is over.',
    tags: ['runs'],
    querystring: NoQuery,
    response: {
      200: streamed('Events', { 'text/event-stream': Type.String() }),
      ...problems(400),
    },
  };
  // No HEAD: it would never end.
  app.get('/events', { schema, sse: 'manual', exposeHeadRoute: false }, async (request, reply) => {
    const gone = new AbortController();
    request.raw.socket.once('close', () => gone.abort());
    const told = events.listen(gone.signal);
    reply.sse.sendHeaders();
    const manifest = dataSet.generations.current();
    if (manifest) await reply.sse.send(datasetEvent(manifest));
    await reply.sse.send(told);
  });
}
