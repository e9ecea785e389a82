import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Manifest, parseManifest } from '@landfall/contracts/dataset/manifest';
import type { Reject } from '@landfall/contracts/dataset/reject';
import { readRejects } from '@landfall/contracts/dataset/reject-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import { BUCKET_EVENTS, bucketEvent } from '@landfall/contracts/messages/bucket-event';
import {
  INGEST_ALIVE,
  INGEST_PROGRESS_ALL,
  INGEST_RUN,
  parseRun,
  parseRunAccepted,
  type RunRequest,
  STREAMS,
} from '@landfall/contracts/messages/events';
import { isReport, type RunReport } from '@landfall/contracts/messages/run';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { inProcessBus } from '@landfall/event-bus/in-process/in-process-bus';
import { directoryStore } from '@landfall/object-store/directory-store';
import type { ObjectStore } from '@landfall/object-store/object-store';
import { makeLogger } from '@landfall/process/logger';
import type { Test } from 'tap';
import type { IngestorDeps } from '../../src/leader/ingestor-deps.ts';
import { type Ingestor, startIngestor } from '../../src/start.ts';

export const HEADER = 'first_name, last_name, birthts\n';
/** The content of a valid record object. */
export const record = (first: string, last: string, birthts: number): string =>
  `${HEADER}${first}, ${last}, ${birthts}\n`;

export type Fixture = Awaited<ReturnType<typeof makeFixture>>;

/**
 * Two buckets in a folder, a bus, and an ingestor that can be stopped and started over them.
 *
 * @param wrap wraps the store, for example to add faults
 */
export async function makeFixture(
  t: Test,
  changes: Partial<Omit<IngestorDeps, 'store'>> = {},
  wrap: (store: ObjectStore) => ObjectStore = (store) => store,
) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'landfall-ingestor-'));
  const store = wrap(directoryStore(root));
  const bus: EventBus = changes.bus ?? inProcessBus({ streams: STREAMS, onError: (error) => t.error(error) });
  await directoryStore(root).createBucket('src-data');
  await directoryStore(root).createBucket('processed-data');
  const source = (key: string) => path.join(root, 'src-data', key);
  const processed = (key: string) => path.join(root, 'processed-data', key);
  const stateDir = path.join(root, 'state');
  const time = { now: Date.UTC(2026, 5, 1) };
  let ingestor: Ingestor | undefined;
  const stop = async () => {
    await ingestor?.stop();
    ingestor = undefined;
  };
  t.teardown(async () => {
    await stop();
    fs.rmSync(root, { recursive: true, force: true });
  });

  return {
    store,
    bus,
    source,
    processed,
    time,
    stateDir,
    stop,
    put(key: string, content: string | Uint8Array): void {
      fs.mkdirSync(path.dirname(source(key)), { recursive: true });
      fs.writeFileSync(source(key), content);
    },
    remove: (key: string): void => fs.rmSync(source(key)),

    /** Starts an ingestor and waits for its first run. */
    async start(): Promise<RunReport> {
      ingestor = startIngestor({
        definition: USERS,
        store,
        bus,
        sourceBucket: 'src-data',
        processedBucket: 'processed-data',
        stateDir,
        fetchConcurrency: 4,
        keepGenerations: 10,
        everyMs: 25 * 60_000,
        clock: () => time.now,
        log: makeLogger('test', 'silent'),
        ...changes,
      });
      return await ingestor.firstRun;
    },
    /** Sends a bucket event, as an object store does. Undefined keys: something changed. */
    sendEvent: (keys: readonly string[] | undefined, bucket = 'src-data'): void =>
      bus.publish(BUCKET_EVENTS, bucketEvent(bucket, keys)),
    /** Stops the ingestor and deletes its folder. */
    async loseState(): Promise<void> {
      await stop();
      fs.rmSync(stateDir, { recursive: true });
    },
    /** The reply of the ingestor on `ingest.alive`. */
    alive: (): Promise<unknown> => bus.request(INGEST_ALIVE, {}, 5_000),
    /** The next report of any run. */
    nextReport(): Promise<RunReport> {
      return new Promise((resolve) => {
        const unsubscribe = bus.subscribe(INGEST_PROGRESS_ALL, (message) => {
          const run = parseRun(message);
          if (!isReport(run)) return;
          unsubscribe();
          resolve(run);
        });
      });
    },
    /** Requests a run and waits for its report. */
    async run(request: RunRequest = {}): Promise<RunReport> {
      const reports = reportsOn(bus);
      const { run_id } = parseRunAccepted(await bus.request(INGEST_RUN, request, 5_000));
      return await reports.of(run_id);
    },
    output: (): string => fs.readFileSync(processed('output.csv'), 'utf8'),
    /** The rows of output.csv, without its header. */
    rows(): string[] {
      return this.output().split('\n').slice(1, -1);
    },
    rejects: async (): Promise<(Omit<Reject, 'id'> & { user_id: string })[]> =>
      (await Array.fromAsync(readRejects(USERS, fs.createReadStream(processed('rejects.csv')))))
        .flat()
        .map(({ id, ...reject }) => ({ ...reject, user_id: id })),
    manifest: (): Manifest => parseManifest(fs.readFileSync(processed('manifest.json'))),
  };
}

/** Collects the reports of runs from now on. */
export function reportsOn(bus: EventBus) {
  const reports = new Map<string, RunReport>();
  const waiting = new Map<string, (report: RunReport) => void>();
  const unsubscribe = bus.subscribe(INGEST_PROGRESS_ALL, (message) => {
    const run = parseRun(message);
    if (!isReport(run)) return;
    reports.set(run.run_id, run);
    waiting.get(run.run_id)?.(run);
  });
  return {
    async of(runId: string): Promise<RunReport> {
      const report =
        reports.get(runId) ?? (await new Promise<RunReport>((resolve) => void waiting.set(runId, resolve)));
      unsubscribe();
      return report;
    },
  };
}
