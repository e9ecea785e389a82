import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { LimitHits } from '../limits/limit-hits.ts';
import type { Limits } from '../limits/limits.ts';
import { type Connection, connectionOf, type Exchange } from './connection.ts';
import { writeProblem } from './write-problem.ts';

/**
 * Limits the requests of one connection that are handled at the same time. Node parses everything that a client sends: 64 KB
 * are about a thousand requests. Further requests wait in order, and the socket is paused. TCP then slows down a client that
 * sends faster than it reads, and the client still gets all responses.
 *
 * Every response passes here, a cached one too: a few numbers and one listener, no closure.
 */
export function limitPipelining(
  limits: Pick<Limits, 'requestsPerConnection' | 'queuedRequests'>,
  hits: LimitHits,
  handler: RequestListener,
) {
  let queuedInAll = 0;
  let lastIdle = 0;
  let isClosing = false;

  function start(request: IncomingMessage, response: ServerResponse, connection: Connection): void {
    connection.active++;
    response.on('close', onClose);
    handler(request, response);
  }

  /** Called for every response, sent or not: Node also closes the responses of a closed socket. */
  function onClose(this: ServerResponse): void {
    const { socket } = this.req;
    const connection = connectionOf(socket);
    connection.active--;
    if (connection.queue.length > 0) startQueued(socket, connection);
    else if (connection.active === 0) becomeIdle(socket, connection);
  }

  function startQueued(socket: Socket, connection: Connection): void {
    const { queue } = connection;
    if (socket.destroyed || socket.writableEnded) {
      queuedInAll -= queue.length;
      queue.length = 0;
      return;
    }
    while (connection.active < limits.requestsPerConnection) {
      const next = queue.shift();
      if (!next) break;
      queuedInAll--;
      start(next.request, next.response, connection);
    }
    if (queue.length === 0 && !connection.isRefused) socket.resume();
  }

  function becomeIdle(socket: Socket, connection: Connection): void {
    connection.idleSince = ++lastIdle;
    if (isClosing) socket.destroySoon();
  }

  function enqueue(exchange: Exchange, connection: Connection): void {
    const { socket } = exchange.request;
    socket.pause();
    if (connection.isRefused) return;
    if (queuedInAll >= limits.queuedRequests) {
      connection.isRefused = true;
      hits.hit('queued_requests');
      writeProblem(exchange.response, 'too_busy', { connection: 'close' });
      return;
    }
    queuedInAll++;
    connection.queue.push(exchange);
  }

  return {
    listener: ((request, response) => {
      const connection = connectionOf(request.socket);
      const hasRoom = connection.active < limits.requestsPerConnection && connection.queue.length === 0;
      if (hasRoom && !connection.isRefused) start(request, response, connection);
      else enqueue({ request, response }, connection);
    }) satisfies RequestListener,

    /** Keeps a socket paused while its requests wait. Node resumes sockets after each message. */
    watch(server: Server): void {
      server.on('connection', (socket) => {
        connectionOf(socket).idleSince = ++lastIdle;
        socket.on('resume', stayPaused);
      });
    },

    /** Closes each connection as soon as it is idle. */
    close(): void {
      isClosing = true;
    },
  };
}

function stayPaused(this: Socket): void {
  const { queue, isRefused } = connectionOf(this);
  if (queue.length > 0 || isRefused) this.pause();
}
