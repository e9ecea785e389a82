import type { AppDeps } from '../context.ts';
import { publicStatus } from '../public-text.ts';
import { NoQuery } from '../query-string.ts';
import { Status } from '../status.ts';
import { problems } from './answer.ts';
import type { Scope } from './scope.ts';

/** How well it goes, for people; probes ask /healthz and /readyz. */
export function statusRoutes(app: Scope, { status }: AppDeps): void {
  const schema = {
    summary: 'How well it goes, in a colour and in words',
    tags: ['health'],
    querystring: NoQuery,
    response: { 200: Status, ...problems(400) },
  };
  app.get('/status', { schema }, async (_request, reply) => {
    reply.header('cache-control', 'no-cache');
    return publicStatus(status.status());
  });
}
