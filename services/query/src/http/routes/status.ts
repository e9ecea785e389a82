import { Status } from '../../monitoring/health-status.ts';
import { publicStatus } from '../../monitoring/public-text.ts';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { NoQuery } from '../request/query-string.ts';
import { problemResponses } from '../response/openapi.ts';

/** How well it goes, for people; probes ask /healthz and /readyz. */
export function statusRoutes(app: Scope, { status }: ApiContext): void {
  const schema = {
    summary: 'How well it goes, in a colour and in words',
    tags: ['health'],
    querystring: NoQuery,
    response: { 200: Status, ...problemResponses(400) },
  };
  app.get('/status', { schema }, async (_request, reply) => {
    reply.header('cache-control', 'no-cache');
    return publicStatus(status.status());
  });
}
