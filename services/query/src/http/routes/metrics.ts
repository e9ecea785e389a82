import { Type } from 'typebox';
import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { NoQuery } from '../request/query-string.ts';
import { problemResponses, streamedResponse } from '../response/openapi.ts';

/** `GET /metrics`, for Prometheus, unless it has a port of its own. */
export function metricsRoutes(app: Scope, { definition, metrics, hasMetricsRoute }: ApiContext): void {
  if (!hasMetricsRoute) return;
  const schema = {
    summary: 'Get the metrics of this service',
    tags: ['health'],
    querystring: NoQuery,
    response: {
      200: streamedResponse('The metrics, in the text format of Prometheus', { 'text/plain': Type.String() }),
      ...problemResponses(definition, 400),
    },
  };
  app.get('/metrics', { schema }, async (_request, reply) =>
    reply
      .header('cache-control', 'no-cache')
      .type(metrics.contentType)
      .send(await metrics.render()),
  );
}
