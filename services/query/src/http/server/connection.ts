import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A request and its response. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** The state of an open connection. */
export interface Connection {
  /** Requests that are being handled. */
  active: number;
  /** Requests that were read and wait for the active ones, in order. The socket is paused while there are any. */
  queue: Exchange[];
  /** Whether a request was refused. Later requests are ignored, and the connection is closed. */
  isRefused: boolean;
  /** A counter, not a time: the connection with the lowest value has been idle for the longest time. */
  idleSince: number;
}

const CONNECTION = Symbol('connection');
interface KnownSocket extends Socket {
  [CONNECTION]?: Connection;
}

/** The state of a socket's connection. It is the same object during the life of the socket. */
export function connectionOf(socket: Socket): Connection {
  const known: KnownSocket = socket;
  known[CONNECTION] ??= { active: 0, queue: [], isRefused: false, idleSince: 0 };
  return known[CONNECTION];
}
