import { randomUUID } from 'node:crypto';
import { ingestProgress } from '@landfall/contracts/events';
import type { Manifest } from '@landfall/contracts/manifest';
import {
  noCounts,
  type RunPhase,
  type RunProgress,
  type RunReport,
  type RunTrigger,
} from '@landfall/contracts/run';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';
import { type Asked, oneAtATime } from '@landfall/process/one-at-a-time';
import { announce } from './announce.ts';
import { type Ingestion, ingest } from './ingestion.ts';
import type { Outbox } from './outbox.ts';
import { pruneSnapshots } from './prune.ts';

/** A run that was asked for. */
export interface RunTicket {
  run_id: string;
  trigger: RunTrigger;
}

/** What runs need. */
export interface RunsDeps {
  ingestion: Ingestion;
  bus: EventBus;
  outbox: Outbox;
  keepGenerations: number;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

/** Progress is told at most this often. */
const PROGRESS_EVERY_MS = 200;

/** The runs of an ingestor. */
export interface Runs {
  ask: (trigger: RunTrigger) => Asked<RunTicket, RunReport>;
  /** Calls `listener` with the report of every run from now on, until it is called off. */
  onReport: (listener: (report: RunReport) => void) => () => void;
  /** Resolves when all runs that were asked for have ended. */
  idle: () => Promise<unknown>;
}

/**
 * Runs ingestions, one at a time; all who ask during one share one further run after it. A run's result is its
 * report, also when it failed.
 */
export function openRuns(deps: RunsDeps): Runs {
  const listeners = new Set<(report: RunReport) => void>();
  let last: Promise<unknown> = Promise.resolve();
  const ask = oneAtATime(async (ticket: RunTicket) => {
    const report = await run(deps, ticket);
    for (const listener of listeners) listener(report);
    return report;
  });
  return {
    ask(trigger) {
      const asked = ask(() => queue(deps, trigger));
      last = asked.result;
      return asked;
    },
    onReport(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    idle: () => last,
  };
}

/** Who asks is told of the run before they are told its id, so that they find it when they look. */
function queue({ bus, clock }: RunsDeps, trigger: RunTrigger): RunTicket {
  const ticket = { run_id: randomUUID(), trigger };
  const started_at = new Date(clock()).toISOString();
  const progress: RunProgress = {
    ...ticket,
    started_at,
    status: 'queued',
    phase: 'list',
    done: 0,
    total: null,
  };
  bus.publish(ingestProgress(ticket.run_id), progress);
  return ticket;
}

async function run(deps: RunsDeps, ticket: RunTicket): Promise<RunReport> {
  const { ingestion, outbox, clock, log } = deps;
  const started = clock();
  const started_at = new Date(started).toISOString();
  const counts = noCounts();
  const finish = (outcome: Pick<RunReport, 'status' | 'published' | 'generation' | 'version' | 'error'>) => {
    const finished = clock();
    const finished_at = new Date(finished).toISOString();
    const duration_ms = Math.max(0, Math.round(finished - started));
    return { ...ticket, started_at, ...counts, ...outcome, finished_at, duration_ms };
  };

  let report: RunReport;
  let before: Manifest | undefined;
  try {
    before = ingestion.catalog.publication().manifest;
    const onProgress = progressTeller(deps.bus, { ...ticket, started_at });
    const { manifest, published } = await ingest(
      ingestion,
      { keys: undefined, force: false },
      counts,
      started,
      onProgress,
    );
    if (published) {
      await announce(outbox, manifest, counts);
      ingestion.catalog.setPublished(manifest, counts);
      await prune(deps, manifest.generation);
    }
    const { generation, version } = manifest;
    report = finish({ status: 'succeeded', published, generation, version, error: null });
    log.info(report, 'run succeeded');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const { generation = null, version = null } = before ?? {};
    report = finish({ status: 'failed', published: false, generation, version, error: message });
    log.error({ ...report, err: error }, 'run failed');
  }
  await outbox.send(ingestProgress(ticket.run_id), report, `report-${ticket.run_id}`);
  return report;
}

/** Old snapshots are only in the way: that they could not be removed fails nobody's run. */
async function prune({ ingestion, keepGenerations, clock, log }: RunsDeps, newest: number): Promise<void> {
  try {
    const { store, processedBucket } = ingestion;
    await pruneSnapshots(store, processedBucket, newest, keepGenerations, clock());
  } catch (error) {
    log.warn({ err: error }, 'old snapshots could not be removed');
  }
}

/** Tells how far a run is, at most five times a second. */
function progressTeller(bus: EventBus, run: RunTicket & { started_at: string }) {
  let last = Number.NEGATIVE_INFINITY;
  return (phase: RunPhase, done: number, total: number | null) => {
    const time = performance.now();
    if (time - last < PROGRESS_EVERY_MS) return;
    last = time;
    const progress: RunProgress = { ...run, status: 'running', phase, done, total };
    bus.publish(ingestProgress(run.run_id), progress);
  };
}
