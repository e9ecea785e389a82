import { Type } from 'typebox';
import { hasScope } from '../../access/caller.ts';
import { ApiError } from '../../errors/api-error.ts';
import { Status } from '../../monitoring/health-status.ts';
import { publicStatus } from '../../monitoring/public-text.ts';
import type { ApiContext } from '../context.ts';
import type { Reply, Scope } from '../fastify-scope.ts';
import { NoQuery } from '../request/query-string.ts';
import { problemResponses, streamedResponse } from '../response/openapi.ts';
import { RETRY_AFTER_S } from '../response/problem-details.ts';

/** `GET /healthz` and `GET /readyz`, for probes. */
export function healthRoutes(
  app: Scope,
  { definition, dataSet, follower, bus, status, dataAge, clock }: ApiContext,
): void {
  const alive = {
    operationId: 'checkAlive',
    summary: 'Check whether the process is alive',
    tags: ['health'],
    querystring: NoQuery,
    response: { 200: Type.Object({ status: Type.Literal('ok') }), ...problemResponses(definition, 400) },
  };
  app.get('/healthz', { schema: alive }, async () => ({ status: 'ok' as const }));

  const ready = {
    operationId: 'checkReady',
    summary: 'Check whether /data can be served',
    tags: ['health'],
    querystring: NoQuery,
    response: {
      200: Type.Object({
        status: Type.Literal('ready'),
        generation: Type.Integer({ minimum: 1 }),
        event_bus: Type.Enum(['connected', 'away']),
        level: Type.Enum(['green', 'amber', 'red'], { description: 'level of /status' }),
        conditions: Type.Array(Type.String(), {
          description: 'codes of the conditions of /status, the worst first',
        }),
        data_age_seconds: Type.Integer({
          minimum: 0,
          description: 'time since the beginning of the last run that confirmed the served data',
        }),
      }),
      ...problemResponses(definition, 400, 503),
    },
  };
  app.get('/readyz', { schema: ready }, async (request, reply) => {
    const manifest = dataSet.generations.current();
    if (!hasScope(request.raw, 'read')) return replyWithStatusOnly(reply, manifest ? 200 : 503);
    if (!manifest) throw notReadyError(follower.isOtherDefinition());
    const event_bus = bus.connected ? ('connected' as const) : ('away' as const);
    const { level, reasons } = status.status();
    return {
      status: 'ready' as const,
      generation: manifest.generation,
      event_bus,
      level,
      conditions: reasons.map(({ code }) => code),
      data_age_seconds: Number(dataAge.textOf(manifest.generation, clock())),
    };
  });
}

/** @param isOtherDefinition whether the published data set has another definition than this service */
const notReadyError = (isOtherDefinition: boolean): ApiError =>
  isOtherDefinition
    ? new ApiError('not_loaded', 'The published data set has another definition than this service.')
    : new ApiError('no_data_set', 'The first data set has not been loaded yet.');

/** The answer to a probe without a token. */
const replyWithStatusOnly = (reply: Reply, status: 200 | 503) => {
  if (status === 503) reply.header('retry-after', RETRY_AFTER_S);
  return reply.code(status).send();
};

/** `GET /status`: the health of both services, for people. Probes use /healthz and /readyz. */
export function statusRoutes(app: Scope, { definition, status }: ApiContext): void {
  const schema = {
    operationId: 'getStatus',
    summary: 'Get the health of the services, with reasons',
    tags: ['health'],
    querystring: NoQuery,
    response: { 200: Status, ...problemResponses(definition, 400) },
  };
  app.get('/status', { schema }, async (_request, reply) => {
    reply.header('cache-control', 'no-cache');
    return publicStatus(status.status());
  });
}

/** `GET /metrics`, for Prometheus, unless it has a port of its own. */
export function metricsRoutes(app: Scope, { definition, metrics, hasMetricsRoute }: ApiContext): void {
  if (!hasMetricsRoute) return;
  const schema = {
    operationId: 'getMetrics',
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
