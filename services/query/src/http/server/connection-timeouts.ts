import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { LimitHits } from '../limits/limit-hits.ts';
import type { Limits } from '../limits/limits.ts';
import { connectionOf } from './connection.ts';

/** How often the connections are looked through, ms. A timer for each response would slow down small ones. */
const CHECK_EVERY_MS = 500;

/**
 * Closes connections on which nothing happens: idle ones, and those whose client does not read. Node's timeout of a socket counts
 * as activity what the client receives, also parts of what is being written. Here is only decided how long it may be.
 *
 * It also limits what clients have not taken yet, over all connections: whole pages are in memory until then.
 *
 * @param openSockets the open connections
 */
export function watchConnections(
  server: Server,
  openSockets: () => Iterable<Socket>,
  {
    idleTimeoutMs,
    slowReaderMs,
    unsentBytes,
  }: Pick<Limits, 'idleTimeoutMs' | 'slowReaderMs' | 'unsentBytes'>,
  hits: LimitHits,
): void {
  server.setTimeout(idleTimeoutMs);
  server.on('timeout', (socket) => {
    const isIdle = connectionOf(socket).active === 0;
    if (!isIdle && socket.writableLength === 0) {
      // The response is not made yet, which has deadlines of its own.
      socket.setTimeout(idleTimeoutMs);
      return;
    }
    hits.hit(isIdle ? 'idle_connection' : 'slow_reader');
    socket.destroy();
  });

  function check(): void {
    let unsent = 0;
    for (const socket of openSockets()) {
      const timeoutMs = socket.writableLength > 0 ? slowReaderMs : idleTimeoutMs;
      if (socket.timeout !== timeoutMs) socket.setTimeout(timeoutMs);
      unsent += unsentOf(socket);
    }
    if (unsent > unsentBytes) closeLargest(unsent - unsentBytes);
  }

  /** Closes the connections with the most bytes. @param excess bytes to free */
  function closeLargest(excess: number): void {
    const largestFirst = [...openSockets()]
      .map((socket) => ({ socket, bytes: unsentOf(socket) }))
      .sort((a, b) => b.bytes - a.bytes);
    let left = excess;
    for (const { socket, bytes } of largestFirst) {
      if (left <= 0) return;
      left -= bytes;
      hits.hit('unsent_bytes');
      socket.destroy();
    }
  }

  const timer = setInterval(check, CHECK_EVERY_MS).unref();
  server.once('close', () => clearInterval(timer));
}

/** An estimate: further responses of the connection are in memory as well, and Node does not say how large they are. */
const unsentOf = (socket: Socket): number => socket.writableLength * Math.max(1, connectionOf(socket).active);
