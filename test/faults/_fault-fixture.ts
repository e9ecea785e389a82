import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BUCKET_EVENTS } from '@landfall/contracts/messages/bucket-event';
import type { ObjectStore } from '@landfall/object-store/object-store';
import { s3Store } from '@landfall/object-store/s3-store';
import { startOwnNats, type TestNats } from '@landfall/test-servers/nats-server';
import { startOwnS3, type TestS3, uniqueBucket } from '@landfall/test-servers/s3-server';
import { freePort } from '@landfall/test-servers/server-process';
import type { Test } from 'tap';
import { type Answer, ask } from '../_stack.ts';
import { type FaultProxy, startFaultProxy } from './_fault-proxy.ts';
import { expectedOutput, sha256 } from './_oracle.ts';
import { openRandom, type Random } from './_random.ts';

/** Timeout of expectations, ms. */
const SOON_MS = 90_000;
const HEADER = 'first_name, last_name, birthts\n';

/** A service as a process that can be killed and paused. */
export interface FaultProcess {
  name: string;
  url: string;
  stateDir: string;
  start: () => void;
  isRunning: () => boolean;
  signal: (signal: NodeJS.Signals) => void;
  /** @returns the exit code, or the signal's name, and how long it took, ms */
  end: (signal: NodeJS.Signals) => Promise<{ code: number | string; ms: number }>;
  /** What it printed. */
  log: () => string;
}

export interface FaultFixture {
  random: Random;
  nats: TestNats;
  s3: TestS3;
  proxy: FaultProxy;
  /** Straight to the S3 server, past the proxy. */
  store: ObjectStore;
  sourceBucket: string;
  processedBucket: string;
  /** Folders of the S3 server on disk. */
  source: (key?: string) => string;
  processed: (key?: string) => string;
  query: FaultProcess;
  /** Another ingestor with its own STATE_DIR, or with that of another one. */
  ingestor: (name: string, stateDir?: string) => Promise<FaultProcess>;
  put: (id: string, first: string, birthts?: number) => Promise<void>;
  putRaw: (key: string, text: string) => Promise<void>;
  remove: (key: string) => Promise<void>;
  /** Waits until output.csv, the manifest and the API all are what the source bucket says. */
  untilMirrored: (what: string, kept?: Map<string, string>) => Promise<void>;
  post: (query?: string) => Promise<Answer<Record<string, unknown> | undefined>>;
  status: () => Promise<{ level: string; codes: string[] }>;
  untilStatus: (level: string, codes?: string[]) => Promise<void>;
  /** Asserts that no generation had two contents and none was lower than the one before, since the last call. */
  checkLineage: () => void;
  /** Allows the next manifest to be of a lower generation: the test itself puts an older one back. */
  expectOlder: () => void;
}

/** Real servers, a proxy that misbehaves in between, and the services as processes. */
export async function makeFaultFixture(t: Test): Promise<FaultFixture> {
  const random = openRandom();
  t.comment(`FAULTS_SEED=${random.seed}`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-faults-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const nats = await startOwnNats();
  const s3 = await startOwnS3({ nats, subject: BUCKET_EVENTS });
  const proxy = await startFaultProxy(s3.endpoint);
  t.teardown(async () => {
    await proxy.stop();
    await Promise.all([s3.stop(), nats.stop()]);
  });
  const [sourceBucket, processedBucket] = [uniqueBucket('source'), uniqueBucket('processed')];
  const store = s3Store(s3);
  for (const bucket of [sourceBucket, processedBucket]) await store.createBucket(bucket);
  const source = (key = '') => path.join(s3.dataFolder, sourceBucket, key);
  const processed = (key = '') => path.join(s3.dataFolder, processedBucket, key);
  const env = {
    MINIO_ENDPOINT: proxy.endpoint,
    MINIO_ACCESS_KEY: s3.accessKey,
    MINIO_SECRET_KEY: s3.secretKey,
    NATS_URL: nats.url,
    NATS_USER: nats.user,
    NATS_PASSWORD: nats.password,
    SOURCE_BUCKET: sourceBucket,
    PROCESSED_BUCKET: processedBucket,
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
  };
  async function service(program: string, name: string, stateDir = path.join(folder, name)) {
    const process = faultProcess(program, name, stateDir, { ...env, PORT: String(await freePort()) });
    t.teardown(() => process.end('SIGKILL'));
    return process;
  }
  const query = await service('query', 'query');
  const lineage = watchLineage(t, processed('manifest.json'));
  t.teardown(lineage.stop);

  const fixture: FaultFixture = {
    random,
    nats,
    s3,
    proxy,
    store,
    sourceBucket,
    processedBucket,
    source,
    processed,
    query,
    ingestor: (name, stateDir) => service('ingestor', name, stateDir),
    put: (id, first, birthts = 612_302_400_000) =>
      fixture.putRaw(`${id}.csv`, `${HEADER}${first}, Tester, ${birthts}\n`),
    async putRaw(key, text) {
      await store.put(sourceBucket, key, Buffer.from(text));
    },
    remove: (key) => store.remove(sourceBucket, key),
    async untilMirrored(what, kept) {
      const deadline = Date.now() + SOON_MS;
      let difference = '';
      do {
        const expected = expectedOutput(source(), sourceBucket, kept);
        difference = await differenceTo(expected);
        if (difference === '') return void t.pass(`${what}: mirrored`);
        await sleep(100);
      } while (Date.now() < deadline);
      t.fail(`${what}: not mirrored after ${SOON_MS} ms: ${difference}`);
    },
    post: (query = '') => ask(`${fixture.query.url}/data${query}`, { method: 'POST' }),
    async status() {
      const { body } = await ask<{ level: string; reasons: { code: string }[] }>(`${query.url}/status`);
      return { level: body?.level ?? 'none', codes: body?.reasons.map(({ code }) => code) ?? [] };
    },
    async untilStatus(level, codes = []) {
      await untilHolds(`status ${level} ${codes.join()}`, async () => {
        const now = await fixture.status();
        return now.level === level && codes.every((code) => now.codes.includes(code)) ? undefined : now;
      });
    },
    checkLineage: lineage.check,
    expectOlder: lineage.expectOlder,
  };
  return fixture;

  async function differenceTo(expected: string): Promise<string> {
    const manifest = readJson(processed('manifest.json'));
    const output = readText(processed('output.csv'));
    if (output !== expected) return `output.csv: ${firstDifference(output, expected)}`;
    if (manifest?.version !== sha256(expected)) return `manifest.json is of version ${manifest?.version}`;
    const answer = await fetch(`${query.url}/data?format=csv`).catch(() => undefined);
    const served = await answer?.text().catch(() => '');
    if (served !== expected) return `the API: ${firstDifference(served ?? '', expected)}`;
    return '';
  }
}

/** Waits until `check` resolves to undefined; anything else is what is wrong still. */
export async function untilHolds(what: string, check: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + SOON_MS;
  for (;;) {
    const wrong = await check();
    if (wrong === undefined) return;
    if (Date.now() > deadline) throw new Error(`${what}: still ${JSON.stringify(wrong)}`);
    await sleep(50);
  }
}

function faultProcess(
  program: string,
  name: string,
  stateDir: string,
  settings: NodeJS.ProcessEnv,
): FaultProcess {
  const main = fileURLToPath(new URL(`../../services/${program}/src/main.ts`, import.meta.url));
  let child: ChildProcess | undefined;
  let printed = '';
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    name,
    url: `http://127.0.0.1:${settings.PORT}`,
    stateDir,
    isRunning,
    log: () => printed,
    start() {
      const env = { ...process.env, ...settings, STATE_DIR: stateDir };
      const started = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      for (const stream of [started.stdout, started.stderr]) {
        stream.on('data', (text) => {
          printed = (printed + text).slice(-200_000);
        });
      }
      child = started;
    },
    signal: (signal) => void child?.kill(signal),
    async end(signal) {
      const ended = child;
      child = undefined;
      if (!ended || ended.exitCode !== null || ended.signalCode !== null)
        return { code: ended?.exitCode ?? 0, ms: 0 };
      const began = performance.now();
      const exit = once(ended, 'exit');
      ended.kill(signal);
      // A paused process ends only once it goes on.
      if (signal === 'SIGKILL') ended.kill('SIGCONT');
      const [code, by] = await exit;
      return { code: code ?? by, ms: performance.now() - began };
    },
  };
}

/** Reads the manifest again and again, and remembers which version each generation had. */
function watchLineage(t: Test, file: string) {
  const versions = new Map<number, string>();
  let newest = 0;
  let mayBeOlder = false;
  let faults: string[] = [];
  function sample(): void {
    const manifest = readJson(file);
    if (!manifest?.generation) return;
    const { generation, version } = manifest;
    const known = versions.get(generation);
    if (known !== undefined && known !== version) faults.push(`generation ${generation} has two contents`);
    if (generation < newest && !mayBeOlder) faults.push(`generation ${generation} came after ${newest}`);
    // Not while the test is still about to put it back.
    if (generation > newest) mayBeOlder = false;
    versions.set(generation, version);
    newest = Math.max(newest, generation);
  }
  const timer = setInterval(sample, 10);
  return {
    check(): void {
      sample();
      t.same([...new Set(faults)], [], `one lineage up to generation ${newest}`);
      faults = [];
    },
    expectOlder(): void {
      sample();
      mayBeOlder = true;
    },
    stop: () => clearInterval(timer),
  };
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function readJson(file: string): { generation: number; version: string } | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined; // It is not there, or the test has damaged it.
  }
}

function firstDifference(found: string, expected: string): string {
  const [a, b] = [found.split('\n'), expected.split('\n')];
  const line = b.findIndex((each, i) => each !== a[i]);
  const at = line === -1 ? b.length : line;
  return `${a.length} lines instead of ${b.length}; line ${at + 1} is ${JSON.stringify(a[at])} instead of ${JSON.stringify(b[at])}`;
}
