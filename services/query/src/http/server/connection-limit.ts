import fs from 'node:fs';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Client } from '../client/client.ts';
import type { LimitHits } from '../limits/limit-hits.ts';
import { connectionOf } from './connection.ts';
import { rawProblem } from './write-problem.ts';

/** File descriptors that are reserved for the object store, SQLite, the bus and the runtime. */
const RESERVED_DESCRIPTORS = 256;
/** Open files of a process, when the system does not report the limit. */
const DEFAULT_OPEN_FILES = 1_024;
/** Connections that are accepted even with very few descriptors. */
const MIN_CONNECTIONS = 32;

/** The connection limit: the requested one, or a lower one when the process has fewer file descriptors. */
export const maxConnections = (requested: number, openFiles = openFilesLimit()): number =>
  Math.max(MIN_CONNECTIONS, Math.min(requested, openFiles - RESERVED_DESCRIPTORS));

function openFilesLimit(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(fs.readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return Number(soft ?? DEFAULT_OPEN_FILES);
  } catch {
    return DEFAULT_OPEN_FILES;
  }
}

/** What the limit of connections depends on. */
export interface ConnectionLimitOptions {
  /** Connections in all. */
  max: number;
  maxPerClient: number;
  /** The client of a connection; undefined for a proxy, whose connections carry many clients. */
  peerOf: (socket: Socket) => Client | undefined;
  hits: LimitHits;
  /** Counts of responses, by status. */
  responses: number[];
}

/**
 * Limits the open connections of a server, in all and for each client. Above a limit, a new connection replaces the one that has
 * been idle for the longest time. When none is idle, the new one gets 503, or 429 when its client has too many.
 */
export function limitConnections(
  server: Server,
  { max, maxPerClient, peerOf, hits, responses }: ConnectionLimitOptions,
) {
  const open = new Set<Socket>();
  const ofClients = new Map<string, Set<Socket>>();

  server.on('connection', (socket) => {
    const client = peerOf(socket);
    const own = client ? socketsOf(client.name) : undefined;
    const isMany = own !== undefined && own.size >= maxPerClient;
    if (isMany) hits.hit('connections_per_client');
    else if (open.size >= max) hits.hit('connections');
    if (isMany ? !closeLongestIdle(own) : open.size >= max && !closeLongestIdle(open)) {
      connectionOf(socket).isRefused = true;
      socket.end(rawProblem(isMany ? 'too_many_requests' : 'too_busy', responses), () => socket.destroy());
      return;
    }
    open.add(socket);
    if (client) ofClients.set(client.name, (own ?? new Set()).add(socket));
    socket.once('close', () => forget(socket, client));
  });

  const socketsOf = (name: string): Set<Socket> => ofClients.get(name) ?? new Set();

  function forget(socket: Socket, client: Client | undefined): void {
    open.delete(socket);
    const own = client && ofClients.get(client.name);
    own?.delete(socket);
    if (client && own?.size === 0) ofClients.delete(client.name);
  }

  /** @returns whether a connection was idle */
  function closeLongestIdle(sockets: Set<Socket>): boolean {
    let longestIdle: Socket | undefined;
    let since = Number.POSITIVE_INFINITY;
    for (const socket of sockets) {
      const { active, idleSince } = connectionOf(socket);
      if (active > 0 || idleSince >= since) continue;
      [longestIdle, since] = [socket, idleSince];
    }
    if (!longestIdle) return false;
    // Its `close` event comes later: other connections may arrive before.
    forget(longestIdle, peerOf(longestIdle));
    longestIdle.destroy();
    return true;
  }

  return {
    /** The open connections. */
    sockets: (): Iterable<Socket> => open,

    /** Closes all idle connections. */
    closeIdle(): void {
      for (const socket of open) if (connectionOf(socket).active === 0) socket.destroy();
    },
  };
}
