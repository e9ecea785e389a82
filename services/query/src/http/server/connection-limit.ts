import fs from 'node:fs';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { connectionOf } from './connection.ts';
import { rawProblem } from './write-problem.ts';

/** Descriptors that connections leave to the object store, SQLite, the bus and the runtime. */
const KEPT_BACK = 256;
/** Where the system does not tell: what most systems allow at least. */
const DEFAULT_OPEN_FILES = 1_024;
/** A service with very few descriptors still answers this many clients. */
const FEWEST = 32;

/** How many connections there may be: as many as wished, or as the process has descriptors for. */
export const maxConnections = (wished: number, openFiles = openFilesLimit()): number =>
  Math.max(FEWEST, Math.min(wished, openFiles - KEPT_BACK));

function openFilesLimit(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(fs.readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return Number(soft ?? DEFAULT_OPEN_FILES);
  } catch {
    return DEFAULT_OPEN_FILES;
  }
}

/**
 * Bounds the open connections of a server. A new one closes the one that has been idle for the longest time; when all are at
 * work, it is told so by 503.
 */
export function limitConnections(server: Server, max: number) {
  const open = new Set<Socket>();

  server.on('connection', (socket) => {
    if (open.size >= max && !closeIdlest()) {
      connectionOf(socket).isRefused = true;
      socket.end(rawProblem('too_busy'), () => socket.destroy());
      return;
    }
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });

  /** @returns whether there was one */
  function closeIdlest(): boolean {
    let idlest: Socket | undefined;
    let since = Number.POSITIVE_INFINITY;
    for (const socket of open) {
      const { atWork, idleSince } = connectionOf(socket);
      if (atWork > 0 || idleSince >= since) continue;
      [idlest, since] = [socket, idleSince];
    }
    if (!idlest) return false;
    // Its `close` event comes later, and others may have come by then.
    open.delete(idlest);
    idlest.destroy();
    return true;
  }

  return {
    /** Closes all that are idle. */
    closeIdle(): void {
      for (const socket of open) if (connectionOf(socket).atWork === 0) socket.destroy();
    },
  };
}
