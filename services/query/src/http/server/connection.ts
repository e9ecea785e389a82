import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A request and the response that it is to get. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** What is known of an open connection. */
export interface Connection {
  /** Requests that are being answered. */
  atWork: number;
  /** Requests that were read and wait for those at work, in order. While there are any, the socket is not read. */
  waiting: Exchange[];
  /** Set once it was refused a request: what comes after that is ignored, and the connection is closed. */
  isRefused: boolean;
  /** Rises with every connection that becomes idle: the lowest has been idle for the longest time. */
  idleSince: number;
}

const CONNECTION = Symbol('connection');
interface KnownSocket extends Socket {
  [CONNECTION]?: Connection;
}

/** What is known of a socket; it is the same object for as long as the socket lives. */
export function connectionOf(socket: Socket): Connection {
  const known: KnownSocket = socket;
  known[CONNECTION] ??= { atWork: 0, waiting: [], isRefused: false, idleSince: 0 };
  return known[CONNECTION];
}
