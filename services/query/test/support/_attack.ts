import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { User } from '@landfall/contracts/dataset/users';
import { directoryStore } from '@landfall/object-store/directory-store';
import type { Test } from 'tap';
import type { Limits } from '../../src/http/limits/limits.ts';
import type { AttackedOptions, AttackedState } from './_attacked-process.ts';
import { makeGeneration, publishTo } from './_generation.ts';

const PROCESS = fileURLToPath(new URL('./_attacked-process.ts', import.meta.url));

/** Starts a query service in a process of its own, over a data set of these users. */
export async function startAttacked(t: Test, users: User[], limits: Partial<Limits>) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-attack-'));
  const store = directoryStore(root);
  await store.createBucket('processed-data');
  await publishTo(store, 'processed-data', makeGeneration(1, users));
  const child = fork(PROCESS, [JSON.stringify({ root, limits } satisfies AttackedOptions)]);
  const ended = once(child, 'exit');
  t.teardown(async () => {
    if (child.connected) child.disconnect();
    await ended;
    fs.rmSync(root, { recursive: true, force: true });
  });
  const failed = ended.then(([code]) => Promise.reject(new Error(`the service ended with ${code}`)));
  failed.catch(() => undefined);
  const [address] = await Promise.race([once(child, 'message'), failed]);
  return {
    address: String(address),
    async state(): Promise<AttackedState> {
      const answer = once(child, 'message');
      child.send('state');
      const [state] = await Promise.race([answer, failed]);
      return state;
    },
  };
}

/** The address of all attackers: other clients use 127.0.0.1. */
const ATTACKER = '127.0.0.2';

/** A connection of the attacker. */
export interface Attack {
  socket: net.Socket;
  /** The status of the first answer; 0 when the connection is closed before. */
  status: Promise<number>;
}

/** Opens connections of the attacker. They are not read after the beginning of the first answer. */
export function openAttacks(t: Test, address: string) {
  const { hostname, port } = new URL(address);
  const sockets: net.Socket[] = [];
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });

  function connect(): net.Socket {
    const socket = net.connect({ host: hostname, port: Number(port), localAddress: ATTACKER });
    sockets.push(socket);
    return socket.on('error', () => undefined);
  }

  async function open(sent: string): Promise<Attack> {
    const socket = connect();
    const status = new Promise<number>((resolve) => {
      socket.once('close', () => resolve(0));
      socket.once('data', (chunk) => {
        socket.pause();
        resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(chunk.toString('latin1'))?.[1] ?? 0));
      });
    });
    socket.write(sent);
    await once(socket, 'connect');
    return { socket, status };
  }

  return {
    open,

    /** Sends requests at once, the last one with `connection: close`. @returns the statuses of the answers */
    async pipeline(requests: string): Promise<number[]> {
      const socket = connect();
      socket.write(requests);
      const answers = await text(socket);
      return [...answers.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
    },

    /** Opens many, a few hundred at a time: more would not fit into the queue of the listening socket. */
    async openMany(count: number, sent: (i: number) => string): Promise<Attack[]> {
      const opened: Attack[] = [];
      while (opened.length < count) {
        const next = Math.min(200, count - opened.length);
        const batch = Array.from({ length: next }, (_, i) => open(sent(opened.length + i)));
        opened.push(...(await Promise.all(batch)));
      }
      return opened;
    },
  };
}

/** How many of the first answers have each status. */
export async function countStatuses(attacks: readonly Attack[]): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of attacks) counts[await status] = (counts[await status] ?? 0) + 1;
  return counts;
}
