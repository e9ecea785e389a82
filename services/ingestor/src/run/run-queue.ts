import { randomUUID } from 'node:crypto';
import { type Asked, oneAtATime } from '@landfall/concurrency/coalesce-runs';
import { ingestProgress } from '@landfall/contracts/messages/events';
import { noCounts, type RunReport } from '@landfall/contracts/messages/run';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';
import type { CatalogHolder } from '../catalog/catalog-holder.ts';
import { LeadershipLostError } from '../errors/leadership-lost.ts';
import { publicReason } from '../errors/run-error.ts';
import type { Conditions } from '../health/conditions.ts';
import type { RetryQueue } from '../publish/retry-queue.ts';
import { type Ingestion, ingest } from './pipeline.ts';
import { progressTeller, tellQueued } from './progress.ts';
import { join, type Wish } from './run-spec.ts';

/** A run that was asked for, by one or several. */
export interface RunTicket {
  run_id: string;
  wish: Wish;
}

/** What runs need. */
export interface RunsDeps {
  ingestion: Ingestion;
  bus: EventBus;
  retryQueue: RetryQueue;
  conditions: Conditions;
  catalogs: CatalogHolder;
  /** Called when a run finds that another ingestor leads; no further run should be asked for. */
  onLeadershipLost: (error: LeadershipLostError) => void;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

/** The runs of an ingestor. */
export interface Runs {
  ask: (wish: Wish) => Asked<RunTicket, RunReport>;
  /** Calls `listener` with the report of every run from now on, until it is called off. */
  onReport: (listener: (report: RunReport) => void) => () => void;
  /** Resolves when all runs that were asked for have ended. */
  idle: () => Promise<unknown>;
}

/**
 * Runs ingestions, one at a time; all who ask during one share one further run after it, which does what each of them
 * asked for. A run's result is its report, also when it failed.
 *
 * At first, and after a run that failed, each run lists the whole bucket until one has succeeded: what the catalog knows
 * may be from long ago, and what the failed run was asked to look at is not lost.
 */
export function openRuns(deps: RunsDeps): Runs {
  const listeners = new Set<(report: RunReport) => void>();
  let last: Promise<unknown> = Promise.resolve();
  let mustList = true;
  const ask = oneAtATime(async (ticket: RunTicket) => {
    mustList = replaceDamaged(deps) || mustList;
    const keys = mustList ? undefined : ticket.wish.keys;
    const report = await run(deps, { ...ticket, wish: { ...ticket.wish, keys } });
    mustList = report.status === 'failed';
    for (const listener of listeners) listener(report);
    return report;
  });
  return {
    ask(wish) {
      const asked = ask((queued) => queue(deps, queued, wish));
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
function queue({ bus, clock }: RunsDeps, queued: RunTicket | undefined, wish: Wish): RunTicket {
  const ticket = queued ? { ...queued, wish: join(queued.wish, wish) } : { run_id: randomUUID(), wish };
  const { run_id, wish: all } = ticket;
  if (queued?.wish.trigger !== all.trigger) {
    tellQueued(bus, { run_id, trigger: all.trigger, started_at: new Date(clock()).toISOString() });
  }
  return ticket;
}

async function run(deps: RunsDeps, { run_id, wish }: RunTicket): Promise<RunReport> {
  const { ingestion, retryQueue, conditions, clock, log } = deps;
  const started = clock();
  const startedAt = performance.now();
  const identity = { run_id, trigger: wish.trigger, started_at: new Date(started).toISOString() };
  const counts = noCounts();
  const finish = (outcome: Pick<RunReport, 'status' | 'published' | 'generation' | 'version' | 'error'>) => {
    const finished_at = new Date(clock()).toISOString();
    const duration_ms = Math.round(performance.now() - startedAt);
    return { ...identity, ...counts, ...outcome, finished_at, duration_ms, conditions: conditions.list() };
  };

  let report: RunReport;
  try {
    const scope = {
      keys: wish.keys && [...wish.keys],
      force: wish.force === true,
      waits: wish.trigger === 'request' || wish.trigger === 'start',
    };
    const outcome = await ingest(ingestion, scope, counts, started, progressTeller(deps.bus, identity));
    const { manifest, published, hasListed } = outcome;
    if (hasListed) conditions.clear('run_failed');
    const { generation, version } = manifest;
    report = finish({ status: 'succeeded', published, generation, version, error: null });
    log.info(report, 'run succeeded');
  } catch (error) {
    const message = publicReason(error, ingestion.stateDir);
    // Whoever leads now has to see to it that all is well.
    if (error instanceof LeadershipLostError) deps.onLeadershipLost(error);
    else conditions.set('run_failed', message);
    deps.catalogs.reportError(error);
    const { generation = null, version = null } = lastPublished(ingestion) ?? {};
    report = finish({ status: 'failed', published: false, generation, version, error: message });
    log.error({ ...report, err: error }, 'run failed');
  }
  await retryQueue.send(ingestProgress(run_id), report, `report-${run_id}`);
  return report;
}

/**
 * Puts a new catalog in the place of a damaged one. Where that fails, the run fails with the damaged one.
 *
 * @returns whether it is a new one
 */
function replaceDamaged({ ingestion, catalogs, log }: RunsDeps): boolean {
  try {
    const isNew = catalogs.replaceDamaged();
    ingestion.catalog = catalogs.current();
    return isNew;
  } catch (err) {
    log.error({ err }, 'the damaged catalog could not be replaced');
    return false;
  }
}

/** What the catalog knows to be published; undefined when it cannot be read. */
function lastPublished({ catalog }: Ingestion) {
  try {
    return catalog.publishState().manifest;
  } catch {
    return undefined;
  }
}
