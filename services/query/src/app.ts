import { createServer, type RequestListener, type Server } from 'node:http';
import fastifyAccepts from '@fastify/accepts';
import { fastifySSE } from '@fastify/sse';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import fastify, {
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { TObject } from 'typebox';
import { ApiError } from './api-error.ts';
import type { DataSet } from './data-set.ts';
import type { Follower } from './follow.ts';
import type { LiveEvents } from './live-events.ts';
import { asApiError, PROBLEM_TYPE, problemOf, RETRY_AFTER_S } from './problems.ts';
import { NoQuery, queryValidator } from './query-string.ts';
import { openAgain } from './routes/again.ts';
import { changeRoutes } from './routes/changes.ts';
import { dashboardRoutes } from './routes/dashboard.ts';
import { dataRoutes } from './routes/data.ts';
import { eventRoutes } from './routes/events.ts';
import { generationRoutes } from './routes/generations.ts';
import { healthRoutes } from './routes/health.ts';
import { imageRoutes } from './routes/image.ts';
import { ingestionRoutes } from './routes/ingestion.ts';
import { rejectRoutes } from './routes/rejects.ts';
import { runRoutes } from './routes/runs.ts';
import { statsRoutes } from './routes/stats.ts';
import { statusRoutes } from './routes/status.ts';
import { openTogether } from './routes/together.ts';
import { userRoutes } from './routes/user.ts';
import type { RunHistory } from './run-history.ts';
import type { StatusWatch } from './watch-status.ts';

/** What the API answers from. */
export interface AppDeps {
  dataSet: DataSet;
  follower: Follower;
  runs: RunHistory;
  events: LiveEvents;
  status: StatusWatch;
  store: ObjectStore;
  bus: EventBus;
  /** How long `POST /data` waits for its run, ms. */
  runWaitMs: number;
  /** How long `min_generation` waits, ms. */
  generationWaitMs: number;
  /** How much memory finished answers may take, to be given again; bytes. */
  cacheBytes: number;
  /** Ms since 1970 UTC; read once a request. */
  clock: () => number;
  log: Logger;
}

/** Longer than any answer is waited for (`runWaitMs`), and than a proxy in front usually keeps a connection, ms. */
const SILENT_MS = 120_000;
/** As long as the longest key of S3, every byte of it percent-encoded. */
const MAX_PARAMETER_LENGTH = 3 * 1024;
const LET_GO_EVERY_MS = 200;

export type App = Awaited<ReturnType<typeof buildApp>>;

/** The API, not listening yet. */
export async function buildApp(deps: AppDeps) {
  const again = openAgain({ ...deps, together: openTogether() });
  const app = fastify({
    serverFactory: (handler) => makeServer(again.before(handler)),
    loggerInstance: deps.log as FastifyBaseLogger,
    // One for each request is a tenth of what a small answer takes; what is logged of one says its URL.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    frameworkErrors: (error, request, reply) => answerError(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request) => {
    throw new ApiError('not_found', `Nothing answers ${request.method} ${request.url}; see /docs.`);
  });
  // No route takes a body; one that is sent all the same, as curl's -d '' does, is no reason to refuse.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, body, done) => {
    body.resume();
    done(null);
  });
  app.setValidatorCompiler<TObject>(({ schema, httpPart }) =>
    httpPart === 'querystring' ? queryValidator(schema) : () => true,
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
  app.addHook('preClose', async () => letGo(app.server));
  return app;
}

/**
 * A client that has stopped reading or asking is let go; /events has its heartbeats. A timeout of its own for the next
 * request would cost two timers a request, a twelfth of an answer that is given again.
 */
function makeServer(handler: RequestListener): Server {
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, handler);
  server.setTimeout(SILENT_MS);
  return server;
}

/** When a server closes, Node lets idle connections go once, and later not those whose last answer has ended since. */
function letGo(server: Server): void {
  const timer = setInterval(() => server.closeIdleConnections(), LET_GO_EVERY_MS);
  server.once('close', () => clearInterval(timer));
}

const ROUTES = [
  dataRoutes,
  userRoutes,
  imageRoutes,
  statsRoutes,
  generationRoutes,
  changeRoutes,
  ingestionRoutes,
  runRoutes,
  rejectRoutes,
  eventRoutes,
  healthRoutes,
  statusRoutes,
  dashboardRoutes,
];

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const told = asApiError(error);
  const { status, body } = problemOf(told);
  if (told.code === 'internal') request.log.error({ err: error, url: request.url }, 'a request failed');
  else if (status >= 500) request.log.warn({ err: error, url: request.url }, 'a request could not be served');
  if (status === 503) reply.header('retry-after', RETRY_AFTER_S);
  return reply.code(status).type(PROBLEM_TYPE).send(body);
}
