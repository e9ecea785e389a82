import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestNats } from '@landfall/test-servers/nats-server';
import type { Test } from 'tap';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A server that accepts connections and never answers. */
export async function silentServer(t: Test): Promise<string> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** A query service in its own process. */
export async function spawnQuery(t: Test, store: string, nats: TestNats, more: NodeJS.ProcessEnv = {}) {
  const stateDir = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-query-'));
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOST: '127.0.0.1',
      PORT: '0',
      MINIO_ENDPOINT: store,
      MINIO_ACCESS_KEY: 'key',
      MINIO_SECRET_KEY: 'secret-key',
      NATS_URL: nats.url,
      NATS_USER: nats.user,
      NATS_PASSWORD: nats.password,
      STATE_DIR: stateDir,
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr?.on('data', (text) => {
    log += text;
  });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
    fs.rmSync(stateDir, { recursive: true, force: true });
  });
  const address = new Promise<string>((resolve, reject) => {
    child.stderr?.on('data', () => {
      const url = /the API is at (http:[^"]+)/.exec(log)?.[1];
      if (url) resolve(url);
    });
    ended.then(() => reject(new Error(`it ended: ${log}`)));
  });
  address.catch(() => undefined);
  return {
    child,
    address,
    stateDir,
    log: () => log,
    /** @returns the exit code or the signal, and how long it took, ms */
    async end(signal: NodeJS.Signals = 'SIGTERM') {
      const begin = performance.now();
      child.kill(signal);
      const [code, killed] = await ended;
      return { code: code ?? killed, ms: performance.now() - begin };
    },
    ended,
  };
}
