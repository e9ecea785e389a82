import fastifyAccepts from '@fastify/accepts';
import { fastifySSE } from '@fastify/sse';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, {
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { TObject } from 'typebox';
import { ApiError } from './errors/api-error.ts';
import { truncate } from './errors/truncate.ts';
import type { ApiContext } from './http/context.ts';
import { LIMITS, type Limits } from './http/limits.ts';
import { discardBody } from './http/request/discard-body.ts';
import { NoQuery, queryValidatorCompiler } from './http/request/query-string.ts';
import { headersOf, PROBLEM_TYPE, problemDetails, toApiError } from './http/response/problem-details.ts';
import { openResponseBatcher } from './http/response-cache/response-batcher.ts';
import { openResponseCache } from './http/response-cache/response-cache.ts';
import { changeRoutes } from './http/routes/changes.ts';
import { companionRoutes } from './http/routes/companion.ts';
import { dashboardRoutes } from './http/routes/dashboard.ts';
import { dataRoutes } from './http/routes/data.ts';
import { eventRoutes } from './http/routes/events.ts';
import { generationRoutes } from './http/routes/generations.ts';
import { healthRoutes } from './http/routes/health.ts';
import { rejectRoutes } from './http/routes/rejects.ts';
import { rowRoutes } from './http/routes/row.ts';
import { runRoutes } from './http/routes/runs.ts';
import { startRunRoutes } from './http/routes/start-run.ts';
import { statsRoutes } from './http/routes/stats.ts';
import { statusRoutes } from './http/routes/status.ts';
import { addRoute, allMethods, methodsAt, type RouteTable } from './http/server/allowed-methods.ts';
import { openHttpServer } from './http/server/http-server.ts';
import { limitRepeatedLogs } from './http/server/log-repeat-limiter.ts';

/** What a service hands over; the rest is made here. */
export interface ServiceDeps extends Omit<ApiContext, 'limits' | 'stopping'> {
  /** The others are those of `LIMITS`. */
  limits?: Partial<Limits>;
}

/** As long as the longest key of S3, every byte of it percent-encoded. */
const MAX_PARAMETER_LENGTH = 3 * 1024;
/** How much of the cause of an error a log line shows, characters. */
const MAX_WHY = 500;
/** How much of an address an error or a log line shows, characters. */
const MAX_URL = 200;

export type App = Awaited<ReturnType<typeof buildApp>>;

/** The API, not listening yet. */
export async function buildApp(service: ServiceDeps) {
  const stopping = new AbortController();
  const deps: ApiContext = {
    ...service,
    limits: { ...LIMITS, ...service.limits },
    stopping: stopping.signal,
    log: limitRepeatedLogs(service.log),
  };
  const again = openResponseCache({ ...deps, together: openResponseBatcher() });
  const server = openHttpServer(deps.limits, again.before, deps.log);
  const app = fastify({
    serverFactory: server.serve,
    // The server answers these, with problems.
    clientErrorHandler: () => undefined,
    return503OnClosing: false,
    loggerInstance: deps.log as FastifyBaseLogger,
    // One for each request is a tenth of what a small answer takes; what is logged of one says its URL.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    frameworkErrors: (error, request, reply) => answerError(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();

  const routes: RouteTable = new Map();
  app.addHook('onRoute', ({ url, method }) => addRoute(routes, url, method));
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => answerUnrouted(routes, request, reply));
  // No route takes a body; a small one that is sent all the same, as curl's -d '' does, is no reason to refuse.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request, body, done) =>
    discardBody(request, body, deps.limits.bodyBytes, done),
  );
  app.setValidatorCompiler<TObject>(({ schema, httpPart }) =>
    httpPart === 'querystring' ? queryValidatorCompiler(schema) : () => true,
  );

  await app.register(swagger, {
    openapi: {
      info: {
        title: 'Landfall',
        version: '0.1.0',
        description: 'Files land in a bucket; seconds later they are an API.',
        license: { name: 'MIT' },
      },
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  await app.register(fastifyAccepts);
  await app.register(fastifySSE, { heartbeatInterval: 15_000 });
  app.get('/openapi.json', { schema: { hide: true, querystring: NoQuery } }, () => app.swagger());
  again.keep(app);
  for (const routes of ROUTES) await app.register(async (scope) => routes(scope, deps));
  app.addHook('preClose', () => deps.events.close());
  app.addHook('preClose', async () => {
    stopping.abort();
    server.close();
  });
  return app;
}

const ROUTES = [
  dataRoutes,
  rowRoutes,
  companionRoutes,
  statsRoutes,
  generationRoutes,
  changeRoutes,
  startRunRoutes,
  runRoutes,
  rejectRoutes,
  eventRoutes,
  healthRoutes,
  statusRoutes,
  dashboardRoutes,
];

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const told = toApiError(error);
  const { status, body } = problemDetails(told);
  // The client has gone: nobody gets this, and that may be why it failed.
  if (reply.raw.closed) return reply.code(status).send();
  const url = truncate(request.url, MAX_URL);
  if (told.code === 'internal') request.log.error({ err: error, url }, 'a request failed');
  else if (status >= 500) {
    const { cause } = told;
    const why = truncate(cause instanceof Error ? cause.message : told.message, MAX_WHY);
    request.log.warn({ code: told.code, why, url }, 'a request could not be served');
  }
  return reply.code(status).headers(headersOf(told)).type(PROBLEM_TYPE).send(body);
}

/** Answers what no route matches: an unknown address, or a method that an address does not have. */
function answerUnrouted(routes: RouteTable, request: FastifyRequest, reply: FastifyReply) {
  const { method, url } = request;
  const path = url.split('?', 1)[0] ?? '';
  const allow = path === '*' ? allMethods(routes) : methodsAt(routes, path);
  const shown = `${method} ${truncate(url, MAX_URL)}`;
  if (!allow) throw new ApiError('not_found', `Nothing answers ${shown}; see /docs.`);
  if (method === 'OPTIONS') return reply.code(204).header('allow', allow.join(', ')).send();
  throw new ApiError('method_not_allowed', `${shown} is not allowed; ${allow.join(', ')} are.`, { allow });
}
