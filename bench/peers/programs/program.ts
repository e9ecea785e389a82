import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Maximum time until a program serves, ms. */
const SERVES_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 20;

/** A third-party program. */
export interface Program {
  command: string;
  args: string[];
  env?: Record<string, string>;
  /** The address it listens on. */
  address: string;
  /** A path that answers 200 once it serves. */
  ready: string;
  /** File for its output. */
  folder: string;
}

/**
 * Starts a program and waits until it serves.
 *
 * @throws Error with its last output, when it exits or takes too long
 */
export async function startProgram({ command, args, env, address, ready, folder }: Program) {
  const file = path.join(folder, 'printed');
  const printed = fs.openSync(file, 'w');
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', printed, printed],
  });
  fs.closeSync(printed);
  const ended = once(child, 'exit');
  const failed = ended.then(([code]) => {
    throw new Error(`it ended with ${code}: ${fs.readFileSync(file, 'utf8').trim().slice(-500)}`);
  });
  const over = new AbortController();
  try {
    await Promise.race([failed, serves(`${address}${ready}`, over.signal)]);
  } catch (error) {
    await stop(child, ended);
    throw error;
  } finally {
    over.abort();
    failed.catch(() => undefined);
  }
  return { address, pid: child.pid ?? 0, stop: () => stop(child, ended) };
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill();
  await ended;
}

async function serves(url: string, over: AbortSignal): Promise<void> {
  const until = performance.now() + SERVES_WITHIN_MS;
  while (!over.aborted) {
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    if (performance.now() > until) throw new Error(`it did not serve within ${SERVES_WITHIN_MS / 1_000} s`);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Returns a free `host:port`. */
export async function freePort(): Promise<string> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  return `127.0.0.1:${address.port}`;
}

/**
 * Runs a program.
 *
 * @throws Error with its output, when it fails
 */
export async function runProgram(command: string, args: string[]): Promise<void> {
  await promisify(execFile)(command, args);
}
