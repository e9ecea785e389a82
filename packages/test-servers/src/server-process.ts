import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Maximum time until a server accepts connections, ms. */
const UP_WITHIN_MS = 20_000;

/** Finds a program on PATH or in one of `more` folders; undefined when it is missing. */
export function findProgram(name: string, more: string[] = []): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(path.delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    ...more,
  ];
  return folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));
}

/** Returns a free port of the loopback interface. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A server that a test started. */
export interface ServerProcess {
  /** Kills it (SIGKILL) and waits until it is gone. */
  kill: () => Promise<void>;
  /** Stops all its threads (SIGSTOP). Resolves when they are stopped: until then it may still answer. */
  pause: () => Promise<void>;
  /** Continues it after `pause` (SIGCONT). */
  resume: () => void;
}

/**
 * Starts a server and waits until it accepts connections on a port of the loopback interface.
 *
 * @throws Error with its output when it exits or does not start within 20 s
 */
export async function startServer(
  program: string,
  args: string[],
  port: number,
  env: NodeJS.ProcessEnv = {},
): Promise<ServerProcess> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      printed = (printed + text).slice(-2_000);
    });
  }
  const deadline = Date.now() + UP_WITHIN_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${program} is not up:\n${printed}`);
    }
    await sleep(25);
  }
  return { kill: () => end(child), pause: () => pause(child), resume: () => void child.kill('SIGCONT') };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function pause(child: ChildProcess): Promise<void> {
  child.kill('SIGSTOP');
  const threads = `/proc/${child.pid}/task`;
  // Other systems than Linux have no /proc: there, the signal has to do.
  while (fs.existsSync(threads) && !fs.readdirSync(threads).every((id) => isStopped(`${threads}/${id}`)))
    await sleep(5);
}

/** Whether a thread is stopped: its state follows the program's name, which is in parentheses. */
function isStopped(thread: string): boolean {
  const text = fs.readFileSync(`${thread}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')')).startsWith(') T');
}

async function accepts(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
