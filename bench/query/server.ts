import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Definition } from '@landfall/contracts/dataset/definition';

/** A server in a separate process. */
export type ServerSpec =
  /** Landfall's query service, over a folder of buckets. */
  | { serve: 'query'; root: string; stateDir: string; definition?: Definition }
  /** Bare Fastify that sends files unchanged. */
  | { serve: 'bare'; page: string; tiny: string; streams: Record<string, string> };

/** Commands to a running server. */
export type ServerTask =
  /** Announces a new generation. */
  | { what: 'updated' }
  /** Requests the maximum event-loop delay and the memory since the last call. */
  | { what: 'serverLoad' };

/** Load of a server. */
export interface ServerLoad {
  /** Ms. */
  maxLoopDelayMs: number;
  /** MB at the start, and at the peak. */
  startMb: number;
  peakMb: number;
}

export interface Server {
  address: string;
  pid: number;
  updated: () => void;
  serverLoad: () => Promise<ServerLoad>;
  stop: () => Promise<void>;
}

const PROCESS = fileURLToPath(new URL('./server-process.ts', import.meta.url));

/** Starts a server. @throws Error when it exits before it serves */
export async function startServer(spec: ServerSpec): Promise<Server> {
  const child = fork(PROCESS, [JSON.stringify(spec)]);
  const [address] = await Promise.race([once(child, 'message'), ended(child)]);
  const send = (task: ServerTask) => child.send(task);
  return {
    address: String(address),
    pid: child.pid ?? 0,
    updated: () => send({ what: 'updated' }),
    async serverLoad() {
      const answer = once(child, 'message');
      send({ what: 'serverLoad' });
      const [serverLoad] = await answer;
      return serverLoad;
    },
    async stop() {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

async function ended(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`a server ended with ${code}`);
}
