import { Status } from '../../monitoring/health-status.ts';
import { publicStatus } from '../../monitoring/public-text.ts';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { NoQuery } from '../request/query-string.ts';
import { problemResponses } from '../response/openapi.ts';

/** `GET /status`: the health of both services, for people. Probes use /healthz and /readyz. */
export function statusRoutes(app: Scope, { status }: ApiContext): void {
  const schema = {
    summary: 'Get the health of the services, with reasons',
    tags: ['health'],
    querystring: NoQuery,
    response: { 200: Status, ...problemResponses(400) },
  };
  app.get('/status', { schema }, async (_request, reply) => {
    reply.header('cache-control', 'no-cache');
    return publicStatus(status.status());
  });
}
