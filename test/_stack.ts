import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BUCKET_EVENTS } from '@landfall/contracts/messages/bucket-event';
import type { ObjectStore } from '@landfall/object-store/object-store';
import { s3Store } from '@landfall/object-store/s3-store';
import { type StackNatsUsers, startStackNats, type TestNats } from '@landfall/test-servers/nats-server';
import { startOwnS3, type TestS3, uniqueBucket } from '@landfall/test-servers/s3-server';
import { freePort } from '@landfall/test-servers/server-process';
import type { Test } from 'tap';

/** Timeout of expectations, ms. */
const SOON_MS = 60_000;

/** A service in a separate process. */
export interface ServiceProcess {
  url: string;
  start: () => void;
  /** @returns the exit code, or the signal's name */
  end: (signal: NodeJS.Signals) => Promise<number | string>;
}

/** Both services over real servers, all of the test's own. NATS has the configuration and the users of the stack. */
export interface Stack {
  store: ObjectStore;
  sourceBucket: string;
  processedBucket: string;
  s3: TestS3;
  nats: TestNats & { users: StackNatsUsers };
  ingestor: ServiceProcess;
  query: ServiceProcess;
  /** Runs the seeder to its end. It fails when the seeder fails. */
  runSeeder: () => Promise<unknown>;
}

/**
 * Starts the servers and makes the buckets; the services are started by the test.
 *
 * @param settings more environment variables of all services
 */
export async function setUpStack(t: Test, settings: NodeJS.ProcessEnv = {}): Promise<Stack> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-stack-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const nats = await startStackNats();
  const s3 = await startOwnS3({ nats: { url: nats.url, ...nats.users.minio }, subject: BUCKET_EVENTS });
  t.teardown(() => Promise.all([s3.stop(), nats.stop()]));
  const [sourceBucket, processedBucket] = [uniqueBucket('source'), uniqueBucket('processed')];
  const store = s3Store(s3);
  await store.createBucket(sourceBucket);
  await store.createBucket(processedBucket);
  const env = {
    MINIO_ENDPOINT: s3.endpoint,
    MINIO_ACCESS_KEY: s3.accessKey,
    MINIO_SECRET_KEY: s3.secretKey,
    NATS_URL: nats.url,
    SOURCE_BUCKET: sourceBucket,
    PROCESSED_BUCKET: processedBucket,
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    ...settings,
  };
  const service = async (name: 'ingestor' | 'query'): Promise<ServiceProcess> => {
    const PORT = String(await freePort());
    const { user: NATS_USER, password: NATS_PASSWORD } = nats.users[name];
    const STATE_DIR = path.join(folder, name);
    const process = serviceProcess(name, { ...env, PORT, NATS_USER, NATS_PASSWORD, STATE_DIR });
    t.teardown(() => process.end('SIGKILL'));
    return process;
  };
  const [ingestor, query] = [await service('ingestor'), await service('query')];
  const seeder = fileURLToPath(new URL('../services/seeder/src/main.ts', import.meta.url));
  const runSeeder = () =>
    promisify(execFile)(process.execPath, [seeder], { env: { ...process.env, ...env } });
  return { store, sourceBucket, processedBucket, s3, nats, ingestor, query, runSeeder };
}

function serviceProcess(name: string, settings: NodeJS.ProcessEnv): ServiceProcess {
  const main = fileURLToPath(new URL(`../services/${name}/src/main.ts`, import.meta.url));
  let child: ChildProcess | undefined;
  return {
    url: `http://127.0.0.1:${settings.PORT}`,
    start() {
      const env = { ...process.env, ...settings };
      child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'ignore'] });
    },
    async end(signal) {
      const ended = child;
      child = undefined;
      if (!ended || ended.exitCode !== null) return ended?.exitCode ?? 0;
      const exit = once(ended, 'exit');
      ended.kill(signal);
      const [code, by] = await exit;
      return code ?? by;
    },
  };
}

/** An answer of the API. */
export interface Answer<Body> {
  status: number;
  body: Body;
  headers: Headers;
}

/** Requests JSON. Status 0 means that the connection failed. */
export async function ask<Body>(url: string, init: RequestInit = {}): Promise<Answer<Body | undefined>> {
  try {
    const response = await fetch(url, init);
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : undefined, headers: response.headers };
  } catch {
    return { status: 0, body: undefined, headers: new Headers() };
  }
}

/** Repeats a request until the answer matches. */
export async function until<T>(
  what: string,
  look: () => Promise<T>,
  wanted: (found: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + SOON_MS;
  for (;;) {
    const found = await look();
    if (wanted(found)) return found;
    if (Date.now() > deadline) throw new Error(`${what}: still ${JSON.stringify(found)}`);
    await sleep(50);
  }
}
