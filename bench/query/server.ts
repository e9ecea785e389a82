import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own. */
export type ServerSpec =
  /** Landfall's query service, over a folder of buckets. */
  | { serve: 'query'; root: string; stateDir: string }
  /** Fastify and nothing else: what a file has, as it is. */
  | { serve: 'bare'; page: string; tiny: string; streams: Record<string, string> };

/** What a server can be told while it serves. */
export type ServerTask =
  /** Tells it that another generation is published. */
  | { what: 'updated' }
  /** How long its event loop was held at the most, and how much memory it had, since this was last asked. */
  | { what: 'strain' };

/** How hard it was for a server. */
export interface Strain {
  /** Ms. */
  loopHeldMs: number;
  /** MB at the beginning, and at the most. */
  startMb: number;
  peakMb: number;
}

export interface Server {
  address: string;
  pid: number;
  updated: () => void;
  strain: () => Promise<Strain>;
  stop: () => Promise<void>;
}

const PROCESS = fileURLToPath(new URL('./server-process.ts', import.meta.url));

/** @throws Error when it ends before it serves */
export async function startServer(spec: ServerSpec): Promise<Server> {
  const child = fork(PROCESS, [JSON.stringify(spec)]);
  const [address] = await Promise.race([once(child, 'message'), ended(child)]);
  const tell = (task: ServerTask) => child.send(task);
  return {
    address: String(address),
    pid: child.pid ?? 0,
    updated: () => tell({ what: 'updated' }),
    async strain() {
      const answer = once(child, 'message');
      tell({ what: 'strain' });
      const [strain] = await answer;
      return strain;
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
