import type { IncomingMessage } from 'node:http';
import fastifyAccepts from '@fastify/accepts';
import { fastifySSE } from '@fastify/sse';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { NO_TRACER, type Tracer } from '@landfall/tracing/span';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { TObject } from 'typebox';
import { callerOf } from './access/caller.ts';
import { guardRequests } from './http/access/guard.ts';
import { signInRoutes } from './http/access/sign-in.ts';
import { clientOf, peerClientOf } from './http/client/client.ts';
import { forwardedScheme } from './http/client/forwarded.ts';
import type { ApiContext } from './http/context.ts';
import type { Scope } from './http/fastify-scope.ts';
import { watchEventLoopDelay } from './http/limits/event-loop-delay.ts';
import type { LimitHits } from './http/limits/limit-hits.ts';
import type { Limits } from './http/limits/limits.ts';
import { openLongResponses } from './http/limits/long-responses.ts';
import { openRequestSlots } from './http/limits/request-slots.ts';
import { documentApi } from './http/openapi/document-api.ts';
import type { OriginRules } from './http/origin/origin-rules.ts';
import { discardBody } from './http/request/discard-body.ts';
import { queryValidatorCompiler } from './http/request/query-string.ts';
import { PRIVATE } from './http/response/cache-control.ts';
import { openCacheHits } from './http/response-cache/cache-hits.ts';
import { openResponseBatcher } from './http/response-cache/response-batcher.ts';
import { openResponseCache } from './http/response-cache/response-cache.ts';
import { ROUTES } from './http/routes/all-routes.ts';
import { addRoute, type RouteTable } from './http/server/allowed-methods.ts';
import { openHttpServer } from './http/server/http-server.ts';
import { buildLazySerializers } from './http/server/lazy-serializers.ts';
import { limitRepeatedLogs } from './http/server/log-repeat-limiter.ts';
import { replyToUnrouted, replyWithProblem } from './http/server/reply-with-problem.ts';
import { setRoute, traceRequests, traceRoutes } from './http/tracing/trace-requests.ts';
import { addHttpMetrics } from './metrics/http-metrics.ts';

/** What the service passes; the server makes the rest of the context. */
export interface ServerDeps extends Omit<ApiContext, 'clientOf' | 'longResponses' | 'stopping'> {
  origin: OriginRules;
  tracer?: Tracer | undefined;
}

/** The longest key of S3 with every byte percent-encoded, bytes. */
const MAX_PARAMETER_LENGTH = 3 * 1024;
/** How often an idle event stream gets a comment, so that proxies keep it open, ms. */
const HEARTBEAT_MS = 15_000;

export type App = Awaited<ReturnType<typeof buildApp>>;

/** Builds the API, from the HTTP server up to the routes. It does not listen yet. */
export async function buildApp(deps: ServerDeps) {
  const stopping = new AbortController();
  const { limits, hits, origin, access, tracer = NO_TRACER, clock } = deps;
  const { trustedProxies } = origin;
  const identify = (request: IncomingMessage) =>
    clientOf(request, trustedProxies, callerOf(request)?.token?.name);
  const eventLoop = watchEventLoopDelay(limits.eventLoopDelayMs);
  const requests = openRequestSlots(limits, identify, eventLoop.isLate, hits);
  const context: ApiContext = {
    ...deps,
    clientOf: identify,
    longResponses: openLongResponses(limits, requests, hits),
    stopping: stopping.signal,
    log: limitRepeatedLogs(deps.log),
  };
  const cacheHits = openCacheHits();
  const httpMetrics = addHttpMetrics(context.metrics, cacheHits, origin.responses);
  const cache = openResponseCache({
    ...{ ...context, hits: cacheHits, together: openResponseBatcher() },
    onHit: tracer.isOn
      ? (request, route) => setRoute(request, cacheHits.patternOf(route), { 'landfall.cached': true })
      : undefined,
  });
  const schemeOf = (request: IncomingMessage) => forwardedScheme(request, trustedProxies) ?? 'http';
  const server = openHttpServer({
    ...{ limits, hits, requests, origin, log: context.log },
    peerOf: (socket) => peerClientOf(socket, trustedProxies),
    cache(handler) {
      const cached = cache.wrapListener(handler);
      return traceRequests(tracer, schemeOf, access ? guardRequests(access, cached) : cached);
    },
  });
  const app = fastify({
    serverFactory: server.serve,
    // `openHttpServer` replies to them, with problems.
    clientErrorHandler: () => undefined,
    return503OnClosing: false,
    loggerInstance: context.log as FastifyBaseLogger,
    // A logger per request takes a tenth of the time of a small response. Log lines name the URL instead.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    schemaController: { compilersFactory: { buildSerializer: buildLazySerializers } },
    frameworkErrors: (error, request, reply) => replyWithProblem(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.decorate('dataAgeOf', (generation: number) => context.dataAge.textOf(generation, context.clock()));
  httpMetrics.measure(app);
  traceRoutes(tracer, app);
  handleErrors(app);
  readRequests(app, limits, hits);
  if (access) keepPrivate(app);
  await documentApi(app, context.definition, access);
  await app.register(fastifyAccepts);
  await app.register(fastifySSE, { heartbeatInterval: HEARTBEAT_MS });
  cache.storeOnSend(app);
  for (const addRoutes of ROUTES) await app.register(async (scope) => addRoutes(scope, context));
  if (access) await app.register(async (scope) => signInRoutes(scope, access, trustedProxies, clock));
  app.addHook('preClose', () => context.events.close());
  app.addHook('preClose', async () => {
    stopping.abort();
    eventLoop.close();
    server.close();
  });
  return app;
}

function handleErrors(app: Scope): void {
  const routes: RouteTable = new Map();
  app.addHook('onRoute', ({ url, method }) => addRoute(routes, url, method));
  app.setErrorHandler(replyWithProblem);
  app.setNotFoundHandler((request, reply) => replyToUnrouted(routes, request, reply));
}

function readRequests(app: Scope, { bodyBytes }: Limits, hits: LimitHits): void {
  // No route takes a body. Some clients send one all the same, as `curl -d ''` does.
  app.removeAllContentTypeParsers();
  // As a method with a body, it would be refused for a missing `Content-Type`, and not for the method.
  app.addHttpMethod('QUERY', { overrideExisting: true });
  app.addContentTypeParser('*', (request, body, done) => discardBody(request, body, bodyBytes, hits, done));
  app.setValidatorCompiler<TObject>(({ schema, httpPart }) =>
    httpPart === 'querystring' ? queryValidatorCompiler(schema) : () => true,
  );
}

/** Keeps shared caches from storing answers. Answers that do not pass Fastify's hooks set the header themselves. */
function keepPrivate(app: Scope): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('cache-control', PRIVATE);
    done(null, payload);
  });
}
