import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Limits } from '../limits.ts';
import { type Connection, connectionOf, type Exchange } from './connection.ts';
import { writeProblem } from './write-problem.ts';

/**
 * Limits how many requests of one connection are answered at the same time. Node takes all that a client sends at once:
 * 64 KB are some thousand requests. Further ones wait in order, and the socket is not read meanwhile, so that a client
 * that sends faster than it reads is slowed down by TCP and still gets all of its answers.
 *
 * On the way of every answer, also of a cached one: a few numbers and one listener, no closure.
 */
export function limitPipelining(
  limits: Pick<Limits, 'requestsPerConnection' | 'queuedRequests'>,
  handler: RequestListener,
) {
  let waitingInAll = 0;
  let lastIdle = 0;
  let isClosing = false;

  function begin(request: IncomingMessage, response: ServerResponse, connection: Connection): void {
    connection.atWork++;
    response.on('close', onClose);
    handler(request, response);
  }

  /** Called for every response, sent or not: Node closes those of a closed socket, too. */
  function onClose(this: ServerResponse): void {
    const { socket } = this.req;
    const connection = connectionOf(socket);
    connection.atWork--;
    if (connection.waiting.length > 0) goOn(socket, connection);
    else if (connection.atWork === 0) becomeIdle(socket, connection);
  }

  function goOn(socket: Socket, connection: Connection): void {
    const { waiting } = connection;
    if (socket.destroyed || socket.writableEnded) {
      waitingInAll -= waiting.length;
      waiting.length = 0;
      return;
    }
    while (connection.atWork < limits.requestsPerConnection) {
      const next = waiting.shift();
      if (!next) break;
      waitingInAll--;
      begin(next.request, next.response, connection);
    }
    if (waiting.length === 0 && !connection.isRefused) socket.resume();
  }

  function becomeIdle(socket: Socket, connection: Connection): void {
    connection.idleSince = ++lastIdle;
    if (isClosing) socket.destroySoon();
  }

  function wait(exchange: Exchange, connection: Connection): void {
    const { socket } = exchange.request;
    socket.pause();
    if (connection.isRefused) return;
    if (waitingInAll >= limits.queuedRequests) {
      connection.isRefused = true;
      writeProblem(exchange.response, 'too_busy', { connection: 'close' });
      return;
    }
    waitingInAll++;
    connection.waiting.push(exchange);
  }

  return {
    listener: ((request, response) => {
      const connection = connectionOf(request.socket);
      const hasRoom = connection.atWork < limits.requestsPerConnection && connection.waiting.length === 0;
      if (hasRoom && !connection.isRefused) begin(request, response, connection);
      else wait({ request, response }, connection);
    }) satisfies RequestListener,

    /** Keeps the sockets of a server paused while requests wait: Node resumes them after each message. */
    watch(server: Server): void {
      server.on('connection', (socket) => {
        connectionOf(socket).idleSince = ++lastIdle;
        socket.on('resume', stayPaused);
      });
    },

    /** From now on each connection is closed once it is idle. */
    close(): void {
      isClosing = true;
    },
  };
}

function stayPaused(this: Socket): void {
  const { waiting, isRefused } = connectionOf(this);
  if (waiting.length > 0 || isRefused) this.pause();
}
