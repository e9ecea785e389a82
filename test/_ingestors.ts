import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MANIFEST_KEY, OUTPUT_KEY, parseManifest } from '@landfall/contracts/dataset/manifest';
import { BUCKET_EVENTS } from '@landfall/contracts/messages/bucket-event';
import { DATASET_UPDATED, parseDatasetUpdated, STREAMS } from '@landfall/contracts/messages/events';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { natsBus } from '@landfall/event-bus/nats/nats-bus';
import { type ObjectStore, StoreError } from '@landfall/object-store/object-store';
import { s3Store } from '@landfall/object-store/s3-store';
import { startOwnNats, type TestNats } from '@landfall/test-servers/nats-server';
import { startOwnS3, type TestS3, uniqueBucket } from '@landfall/test-servers/s3-server';
import { freePort } from '@landfall/test-servers/server-process';
import type { Test } from 'tap';
import { ask, until } from './_stack.ts';

/** Interval of reading the manifest, ms. */
const POLL_MS = 20;
/** Time after which a process is killed, ms. */
const END_WITHIN_MS = 20_000;
/** Every output.csv is smaller, bytes. */
const MAX_OUTPUT = 16 * 1024 * 1024;

/** What `/healthz` of an ingestor says. */
export interface IngestorHealth {
  role: 'leader' | 'waiting';
  reason: string;
  conditions: { code: string }[];
}

/** An ingestor in a separate process. */
export interface IngestorProcess {
  name: string;
  url: string;
  start: () => void;
  signal: (signal: NodeJS.Signals) => void;
  /** @returns the exit code, or the signal's name */
  end: (signal: NodeJS.Signals) => Promise<number | string>;
  /** undefined while it does not answer */
  health: () => Promise<IngestorHealth | undefined>;
  untilRole: (role: IngestorHealth['role']) => Promise<IngestorHealth | undefined>;
  /** What it has logged. */
  log: () => string;
}

/** Several ingestors over one real object store and one real NATS server, all of the test's own. */
export interface Ingestors {
  store: ObjectStore;
  bus: EventBus;
  s3: TestS3;
  nats: TestNats;
  sourceBucket: string;
  processedBucket: string;
  /** An ingestor that is not started yet; of the same STATE_DIR name: on one folder. */
  make: (name: string, stateDir?: string) => Promise<IngestorProcess>;
  /** Puts the record of a user: a new one, or another version. */
  put: (userId: string, firstName: string) => Promise<void>;
  remove: (userId: string) => Promise<void>;
  /** The rows of output.csv, without its header; empty while there is none. */
  rows: () => Promise<string[]>;
  lineage: Lineage;
}

/** The observed generations, from manifests and events. */
export interface Lineage {
  /** The versions of each generation. One that has two was published twice with different content. */
  versions: ReadonlyMap<number, ReadonlySet<string>>;
  /** The generations of the manifest, each as often as it replaced another. */
  manifests: readonly number[];
}

/** Starts the servers and makes the buckets. */
export async function setUpIngestors(t: Test): Promise<Ingestors> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-ingestors-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const nats = await startOwnNats();
  const s3 = await startOwnS3({ nats, subject: BUCKET_EVENTS });
  t.teardown(() => Promise.all([s3.stop(), nats.stop()]));
  const [sourceBucket, processedBucket] = [uniqueBucket('source'), uniqueBucket('processed')];
  const store = s3Store(s3);
  await store.createBucket(sourceBucket);
  await store.createBucket(processedBucket);
  const { url, user, password } = nats;
  const bus = natsBus({ url, user, password, name: 'test' }, { streams: STREAMS, onError: () => undefined });
  t.teardown(() => bus.close());
  const env = {
    MINIO_ENDPOINT: s3.endpoint,
    MINIO_ACCESS_KEY: s3.accessKey,
    MINIO_SECRET_KEY: s3.secretKey,
    NATS_URL: url,
    NATS_USER: user,
    NATS_PASSWORD: password,
    SOURCE_BUCKET: sourceBucket,
    PROCESSED_BUCKET: processedBucket,
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
  };
  const recordOf = (firstName: string) =>
    Buffer.from(`first_name, last_name, birthts\n${firstName}, Tester, 5\n`);
  return {
    store,
    bus,
    s3,
    nats,
    sourceBucket,
    processedBucket,
    async make(name, stateDir = name) {
      const PORT = String(await freePort());
      const made = ingestorProcess(name, { ...env, PORT, STATE_DIR: path.join(folder, stateDir) });
      t.teardown(() => made.end('SIGKILL'));
      return made;
    },
    put: async (userId, firstName) =>
      void (await store.put(sourceBucket, `${userId}.csv`, recordOf(firstName))),
    remove: (userId) => store.remove(sourceBucket, `${userId}.csv`),
    async rows() {
      const output = await readText(store, processedBucket, OUTPUT_KEY);
      return (output ?? '').split('\n').slice(1, -1);
    },
    lineage: watchLineage(t, store, bus, processedBucket),
  };
}

function ingestorProcess(name: string, settings: NodeJS.ProcessEnv): IngestorProcess {
  const main = fileURLToPath(new URL('../services/ingestor/src/main.ts', import.meta.url));
  const url = `http://127.0.0.1:${settings.PORT}`;
  let child: ChildProcess | undefined;
  let log = '';
  const health = async () =>
    (await ask<IngestorHealth>(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) })).body;
  return {
    name,
    url,
    start() {
      child = spawn(process.execPath, [main], {
        env: { ...process.env, ...settings },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr?.on('data', (text) => {
        log += text;
      });
    },
    signal: (signal) => void child?.kill(signal),
    async end(signal) {
      const ended = child;
      child = undefined;
      if (!ended || ended.exitCode !== null || ended.signalCode !== null) return ended?.exitCode ?? 0;
      const exit = once(ended, 'exit');
      ended.kill(signal);
      const hung = setTimeout(() => ended.kill('SIGKILL'), END_WITHIN_MS);
      const [code, by] = await exit;
      clearTimeout(hung);
      return code ?? by;
    },
    health,
    untilRole: (role) => until(`${name} is ${role}`, health, (found) => found?.role === role),
    log: () => log,
  };
}

function watchLineage(t: Test, store: ObjectStore, bus: EventBus, bucket: string): Lineage {
  const versions = new Map<number, Set<string>>();
  const manifests: number[] = [];
  const note = (generation: number, version: string) =>
    versions.set(generation, (versions.get(generation) ?? new Set()).add(version));
  t.teardown(
    bus.subscribe(DATASET_UPDATED, (message) => {
      const { data } = parseDatasetUpdated(message);
      note(data.generation, data.version);
    }),
  );
  let isWatching = true;
  const watching = (async () => {
    for (; isWatching; await sleep(POLL_MS)) {
      const text = await readText(store, bucket, MANIFEST_KEY).catch(() => undefined);
      if (text === undefined) continue;
      const { generation, version } = parseManifest(Buffer.from(text));
      note(generation, version);
      if (manifests.at(-1) !== generation) manifests.push(generation);
    }
  })();
  t.teardown(async () => {
    isWatching = false;
    await watching;
  });
  return { versions, manifests };
}

async function readText(store: ObjectStore, bucket: string, key: string): Promise<string | undefined> {
  try {
    return Buffer.from((await store.read(bucket, key, MAX_OUTPUT)).bytes).toString();
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not_found') return undefined;
    throw error;
  }
}
