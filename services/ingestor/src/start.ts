import path from 'node:path';
import {
  INGEST_ALIVE,
  INGEST_RUN,
  type IngestorAlive,
  parseRunRequest,
  type RunAccepted,
} from '@landfall/contracts/events';
import { MessageError } from '@landfall/contracts/message-error';
import type { RunReport } from '@landfall/contracts/run';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import { readManifest } from '@landfall/processed-bucket/read-manifest';
import { announce, lastAnnouncedGeneration } from './announce.ts';
import { openCatalog } from './catalog.ts';
import { openConditions } from './conditions.ts';
import { followBucket } from './follow-bucket.ts';
import type { Readiness } from './health.ts';
import type { Ingestion } from './ingestion.ts';
import { openOutbox } from './outbox.ts';
import { openRuns, type Runs } from './runs.ts';
import { startSchedule } from './schedule.ts';

/** What an ingestor is made of. */
export interface IngestorDeps {
  store: ObjectStore;
  bus: EventBus;
  sourceBucket: string;
  processedBucket: string;
  /** A folder of the ingestor's own. */
  stateDir: string;
  fetchConcurrency: number;
  keepGenerations: number;
  /** Ms between two scheduled runs. */
  everyMs: number;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

/** An ingestor at work. */
export interface Ingestor {
  /** The report of the run it started with. */
  firstRun: Promise<RunReport>;
  readiness: () => Readiness;
  /** Lets a run that goes on finish, for five seconds at most; one cut off is done again at the next start. */
  stop: () => Promise<void>;
}

const STOP_WITHIN_MS = 5_000;

/** Starts an ingestor: it announces what is published, runs, and then runs by the clock, on
 * request, and when the bucket changes. */
export function startIngestor(deps: IngestorDeps): Ingestor {
  const { store, bus, processedBucket, stateDir, clock, log } = deps;
  const catalog = openCatalog(path.join(stateDir, 'catalog.sqlite'), (why) =>
    log.warn(`the catalog is made anew: ${why}`),
  );
  const outbox = openOutbox(bus);
  const conditions = openConditions(clock);
  const ingestion: Ingestion = {
    ...deps,
    catalog,
    conditions,
    lastAnnounced: () => lastAnnouncedGeneration(bus, log),
  };
  const runs = openRuns({ ...deps, ingestion, outbox, conditions });

  announcePublished().catch((error) => log.warn({ err: error }, 'what is published could not be announced'));
  const unsubscribe = bus.respond(INGEST_RUN, (message) => accept(runs, message));
  const unsubscribeAlive = bus.respond(
    INGEST_ALIVE,
    (): IngestorAlive => ({ alive: true, conditions: conditions.list() }),
  );
  const schedule = startSchedule(runs, deps.everyMs, clock);
  let last: RunReport | undefined;
  runs.onReport((report) => {
    last = report;
  });
  const first = runs.ask({ trigger: 'start' });
  const leaveBucket = followBucket(bus, deps.sourceBucket, runs, log);

  /** Whoever missed the event, or came later, hears of it now. */
  async function announcePublished(): Promise<void> {
    const manifest = (await readManifest(store, processedBucket))?.manifest;
    const { manifest: known, counts } = catalog.publication();
    const ours = known?.generation === manifest?.generation && known?.version === manifest?.version;
    if (manifest) await announce(outbox, manifest, (ours && counts) || null);
  }

  return {
    firstRun: first.result,

    readiness() {
      if (!bus.connected) return { ready: false, reason: 'the event bus is away' };
      if (!last) return { ready: false, reason: 'the first run goes on' };
      return { ready: last.status === 'succeeded', reason: last.error ?? 'the last run succeeded' };
    },

    async stop() {
      unsubscribe();
      unsubscribeAlive();
      leaveBucket();
      schedule.stop();
      const timeout = new Promise((resolve) => setTimeout(resolve, STOP_WITHIN_MS).unref());
      await Promise.race([runs.idle(), timeout]);
      outbox.close();
      catalog.close();
    },
  };
}

/** Answers a request for a run; an empty one is fine. */
function accept(runs: Runs, message: unknown): RunAccepted | { error: string } {
  try {
    const { force = false } = parseRunRequest(message ?? {});
    return { run_id: runs.ask({ trigger: 'request', force }).job.run_id };
  } catch (error) {
    // Whoever asks over the bus should not be left waiting for a reply.
    if (error instanceof MessageError) return { error: error.message };
    throw error;
  }
}
