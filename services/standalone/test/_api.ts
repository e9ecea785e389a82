import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { USERS } from '@landfall/contracts/dataset/users';
import { STREAMS } from '@landfall/contracts/messages/events';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import type { IngestorDeps } from '@landfall/ingestor/leader/ingestor-deps';
import { type Ingestor, startIngestor } from '@landfall/ingestor/start';
import { directoryStore } from '@landfall/object-store/directory-store';
import { makeLogger } from '@landfall/process/logger';
import { type QueryDeps, startQuery } from '@landfall/query/start';
import type { Test } from 'tap';

export const HEADER = 'first_name, last_name, birthts\n';
/** 2026-06-01, noon UTC. */
export const NOON = Date.UTC(2026, 5, 1, 12);

/** An answer, read to its end. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON; undefined when it is none. */
  json: unknown;
}

/** Both services over a folder, the query service on a free port. */
export async function makeApi(
  t: Test,
  { runWaitMs = 20_000, access }: Pick<Partial<QueryDeps>, 'runWaitMs' | 'access'> = {},
) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-api-'));
  const store = directoryStore(root);
  const bus = inProcessBus({ streams: STREAMS, onError: (error) => t.error(error) });
  await store.createBucket('src-data');
  await store.createBucket('processed-data');
  const time = { now: NOON };
  const ports = { store, bus, clock: () => time.now, log: makeLogger('test', 'silent') };
  const query = await startQuery({
    ...ports,
    processedBucket: 'processed-data',
    stateDir: path.join(root, 'state'),
    host: '127.0.0.1',
    port: 0,
    keepGenerations: 10,
    runWaitMs,
    generationWaitMs: 1_000,
    cacheBytes: 2 ** 20,
    access,
  });
  let ingestor: Ingestor | undefined;
  t.teardown(async () => {
    await ingestor?.stop();
    await query.stop();
    fs.rmSync(root, { recursive: true, force: true });
  });

  return {
    bus,
    store,
    time,
    address: query.address,
    put(key: string, content: string | Uint8Array): void {
      fs.mkdirSync(path.dirname(path.join(root, 'src-data', key)), { recursive: true });
      fs.writeFileSync(path.join(root, 'src-data', key), content);
    },
    remove: (key: string): void => fs.rmSync(path.join(root, 'src-data', key), { recursive: true }),
    output: (): string => fs.readFileSync(path.join(root, 'processed-data', 'output.csv'), 'utf8'),
    /** Starts an ingestor; what its first run finds is served when it resolves. */
    async ingest(changes: Partial<IngestorDeps> = {}): Promise<void> {
      ingestor = startIngestor({
        definition: USERS,
        ...ports,
        sourceBucket: 'src-data',
        processedBucket: 'processed-data',
        stateDir: path.join(root, 'state'),
        fetchConcurrency: 8,
        keepGenerations: 10,
        everyMs: 25 * 60_000,
        ...changes,
      });
      await ingestor.firstRun;
      await query.syncNow();
    },
    async ask(target: string, init: RequestInit = {}): Promise<Answer> {
      const response = await fetch(query.address + target, init);
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      const json = isJson && text !== '' ? JSON.parse(text) : undefined;
      return { status: response.status, headers: response.headers, text, json };
    },
  };
}
