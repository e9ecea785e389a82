import fs from 'node:fs';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
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

/**
 * Limits the open connections of a server. Above the limit, a new connection replaces the one that has been idle for the
 * longest time. When none is idle, the new one gets 503.
 */
export function limitConnections(server: Server, max: number) {
  const open = new Set<Socket>();

  server.on('connection', (socket) => {
    if (open.size >= max && !closeLongestIdle()) {
      connectionOf(socket).isRefused = true;
      socket.end(rawProblem('too_busy'), () => socket.destroy());
      return;
    }
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });

  /** @returns whether a connection was idle */
  function closeLongestIdle(): boolean {
    let longestIdle: Socket | undefined;
    let since = Number.POSITIVE_INFINITY;
    for (const socket of open) {
      const { active, idleSince } = connectionOf(socket);
      if (active > 0 || idleSince >= since) continue;
      [longestIdle, since] = [socket, idleSince];
    }
    if (!longestIdle) return false;
    // Its `close` event comes later: other connections may arrive before.
    open.delete(longestIdle);
    longestIdle.destroy();
    return true;
  }

  return {
    /** Closes all idle connections. */
    closeIdle(): void {
      for (const socket of open) if (connectionOf(socket).active === 0) socket.destroy();
    },
  };
}
