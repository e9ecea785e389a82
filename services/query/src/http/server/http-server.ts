import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { ApiError } from '../../errors/api-error.ts';
import type { Client } from '../client/client.ts';
import type { LimitHits } from '../limits/limit-hits.ts';
import type { Limits } from '../limits/limits.ts';
import type { RequestSlots } from '../limits/request-slots.ts';
import type { OriginRules } from '../origin/origin-rules.ts';
import { replyToClientError } from './client-error.ts';
import { limitConnections, maxConnections } from './connection-limit.ts';
import { watchConnections } from './connection-timeouts.ts';
import { limitPipelining } from './pipelining.ts';
import { normalizeTarget } from './request-target.ts';
import { rawProblem, writeProblem } from './write-problem.ts';

/** The part of a logger that the server uses. */
export interface ServerLog {
  warn: (fields: object, message: string) => void;
}

/** What the server is made of. */
export interface HttpServerParts {
  limits: Limits;
  hits: LimitHits;
  /** The limit of the requests that are answered at the same time. */
  requests: Pick<RequestSlots, 'enter'>;
  /** The client of a connection; undefined for a proxy. */
  peerOf: (socket: Socket) => Client | undefined;
  /** Puts the response cache in front of a handler. */
  cache: (handler: RequestListener) => RequestListener;
  origin: OriginRules;
  log: ServerLog;
}

/**
 * The HTTP server in front of Fastify. A request passes, in this order: the limit of its connection, the rules for host names and
 * origins, the response cache, the check of its target, and the limit of all requests.
 */
export function openHttpServer({ limits, hits, requests, peerOf, cache, origin, log }: HttpServerParts) {
  let isClosing = false;
  let fastify: RequestListener = () => undefined;

  const checked: RequestListener = (request, response) => {
    try {
      checkTarget(request.url);
      normalizeTarget(request);
    } catch (error) {
      if (error instanceof ApiError) return writeProblem(response, error);
      throw error;
    }
    const refusal = requests.enter(request, response);
    if (refusal) writeProblem(response, refusal);
    else fastify(request, response);
  };

  /** @throws ApiError uri_too_long */
  function checkTarget(url = ''): void {
    if (url.length <= limits.urlLength) return;
    hits.hit('url_length');
    throw new ApiError('uri_too_long', `The address is longer than ${limits.urlLength} characters.`);
  }

  const cached = cache(checked);
  const pipelining = limitPipelining(limits, hits, (request, response) => {
    // Before all else: it also checks `Host`, as Node would, but replies with a problem.
    const refusal = origin.refusalOf(request);
    if (refusal) {
      // Without exactly one `Host`, client and server may not agree where a request ends.
      return writeProblem(response, refusal, refusal.code === 'bad_request' ? { connection: 'close' } : {});
    }
    if (isClosing) return writeProblem(response, 'shutting_down', { connection: 'close' });
    if (!origin.answerPreflight(request, response)) cached(request, response);
  });

  // `keepAliveTimeout` would cost two timers per request: a twelfth of the time of a cached response.
  const server: Server = createServer(
    {
      ServerResponse: origin.Response,
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      keepAliveTimeout: 0,
      requireHostHeader: false,
    },
    pipelining.listener,
  );
  server.on('clientError', (error, socket: Socket) =>
    replyToClientError(error, socket, hits, origin.responses),
  );
  server.on('checkExpectation', (_request, response) => writeProblem(response, 'expectation_failed'));
  server.on('connect', (_request, socket) => socket.end(rawProblem('method_not_allowed', origin.responses)));
  // Without a listener, a failed accept would end the process.
  server.on('listening', () => server.on('error', (err) => log.warn({ err }, 'the HTTP server failed')));
  pipelining.watch(server);
  const connections = limitConnections(server, {
    max: maxConnections(limits.connections),
    maxPerClient: limits.connectionsPerClient,
    peerOf,
    hits,
    responses: origin.responses,
  });
  watchConnections(server, connections.sockets, limits, hits);

  return {
    /** For Fastify's `serverFactory`. */
    serve(handler: RequestListener): Server {
      fastify = handler;
      return server;
    },

    /**
     * Closes idle connections at once, others when their responses are sent, and all after `stopGraceMs`. New requests get
     * 503.
     */
    close(): void {
      isClosing = true;
      pipelining.close();
      connections.closeIdle();
      const timer = setTimeout(() => server.closeAllConnections(), limits.stopGraceMs);
      server.once('close', () => clearTimeout(timer));
    },
  };
}
