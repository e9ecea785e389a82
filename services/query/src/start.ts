import path from 'node:path';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { USERS } from '@landfall/contracts/dataset/users';
import { isReport } from '@landfall/contracts/messages/run';
import type { EventBus } from '@landfall/event-bus/event-bus';
import { type Metrics, openMetrics } from '@landfall/metrics/registry';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import type { StopStep } from '@landfall/process/stop';
import type { Tracer } from '@landfall/tracing/span';
import { type Access, openAccess } from './access/access.ts';
import type { AccessOptions } from './access/access-options.ts';
import { openDataSet } from './dataset/data-set.ts';
import { startDamageRecovery } from './follow/damage-recovery.ts';
import { startFollower } from './follow/follower.ts';
import { startRetentionSweeper } from './follow/retention-sweeper.ts';
import { openGenerationPins } from './http/limits/generation-pins.ts';
import { type LimitHits, openLimitHits } from './http/limits/limit-hits.ts';
import { LIMITS, type Limits } from './http/limits/limits.ts';
import { warnWhenExposed } from './http/origin/exposure.ts';
import { type OriginOptions, openOriginRules } from './http/origin/origin-rules.ts';
import { openLoader } from './load/loader.ts';
import { rebuildRollup } from './load/rebuild-rollup.ts';
import { addDataMetrics } from './metrics/data-metrics.ts';
import { openConfirmationFile } from './monitoring/confirmation-file.ts';
import { openDataAge } from './monitoring/data-age.ts';
import { datasetEvent, openEventBroadcaster, runEvent, statusEvent } from './monitoring/event-broadcaster.ts';
import { openRunHistory } from './monitoring/run-history.ts';
import { openStatusMonitor, type StatusMonitor } from './monitoring/status-monitor.ts';
import { buildApp } from './server.ts';

const FRESHNESS_LIMIT_MS = 50 * 60_000;

/** The dependencies and settings of a query service. */
export interface QueryDeps {
  /** Of the data set; default `USERS`. */
  definition?: Definition;
  store: ObjectStore;
  bus: EventBus;
  processedBucket: string;
  /** Folder of the database, for this service alone. */
  stateDir: string;
  host: string;
  port: number;
  /** Generations that stay readable, at least. */
  keepGenerations: number;
  /** How long `POST /data` waits for its run, ms. */
  runWaitMs: number;
  /** How long `min_generation` waits, ms. */
  generationWaitMs: number;
  /** Size of the response cache, bytes. */
  cacheBytes: number;
  /** Who may use the API; undefined: everybody. */
  access?: AccessOptions | undefined;
  /** Limits of the HTTP server that differ from `LIMITS`. */
  limits?: Partial<Limits>;
  /** Default: metrics of this service alone. */
  metrics?: Metrics;
  /** Whether the API has `/metrics`, by default; otherwise they are served elsewhere. */
  hasMetricsRoute?: boolean;
  /** Traces requests and loads; without it they are not traced. */
  tracer?: Tracer | undefined;
  /** Age above which the data counts as old, ms; 50 minutes by default. */
  freshnessLimitMs?: number;
  /** Host names and origins. */
  origin?: OriginOptions;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

/** A running query service. */
export interface Query {
  /** URL of the API. */
  address: string;
  /** The generation that is served. */
  manifest: () => Manifest | undefined;
  /** How often each limit was reached since the start. */
  limitHits: LimitHits['counts'];
  /** Loads what is published by now; see `Follower.syncNow`. */
  syncNow: () => Promise<void>;
  /** Steps that stop the service, in order; for `stopWithin`. */
  stopSteps: readonly StopStep[];
  /** Runs all stop steps, without a deadline. */
  stop: () => Promise<void>;
}

/**
 * Starts a query service. It serves its last generation at once, and follows the published ones.
 *
 * @throws TokenListError when the tokens cannot be used
 */
export async function startQuery(deps: QueryDeps): Promise<Query> {
  const { bus, stateDir, log, definition = USERS, metrics = openMetrics() } = deps;
  const { freshnessLimitMs = FRESHNESS_LIMIT_MS, hasMetricsRoute = true } = deps;
  // First: a service whose tokens are not known must not listen.
  const access: Access | undefined = deps.access && (await openAccess(deps.access, deps.clock, log));
  const databaseFile = path.join(stateDir, 'data-set.sqlite');
  // Damage that is found before the recovery starts is reported to it then.
  let reportDamage = (why: string): void => void foundEarly.push(why);
  const foundEarly: string[] = [];
  const onDamage = (why: string) => reportDamage(why);
  const dataSet = openDataSet({
    file: databaseFile,
    definition,
    onDiscard: (why) => log.warn(`the database is created again: ${why}`),
    prepare: (db) => rebuildRollup(db, definition),
    onDamage,
  });
  const loader = openLoader({ databaseFile, fileIdentity: dataSet.fileIdentity, definition, onDamage });
  const limits = { ...LIMITS, ...deps.limits };
  const hits = openLimitHits();
  const pins = openGenerationPins(limits.pinnedGenerationsPerClient);
  const retention = startRetentionSweeper({
    ...deps,
    generations: dataSet.generations,
    loader,
    usesSince: pins.usesSince,
    pinned: { max: limits.pinnedGenerations, maxForOneClient: limits.pinnedGenerationsPerClient },
    onLimit: hits.hit,
  });
  const events = openEventBroadcaster();
  const dataAge = openDataAge(dataSet.generations, openConfirmationFile(stateDir, log));
  const dataMetrics = addDataMetrics(metrics, {
    ...deps,
    dataSet,
    dataAge,
    freshnessLimitMs,
    status: () => status.status(),
    limitHits: hits.counts,
  });
  const runs = openRunHistory(
    bus,
    (run) => {
      events.publish(runEvent(run));
      status.handleRun(run);
      if (isReport(run)) dataMetrics.lag.receive(run);
    },
    log,
  );
  const follower = startFollower({
    ...deps,
    definition,
    dataSet,
    loader,
    onLoaded(manifest, { rollup, isDelta, durationMs }) {
      dataSet.cacheRollup(manifest, rollup);
      dataSet.generations.refresh();
      dataAge.handleLoaded();
      dataMetrics.observeLoad(isDelta, durationMs);
      dataMetrics.lag.handleLoaded(manifest, deps.clock());
      recovery.markLoaded();
      events.publish(datasetEvent(manifest));
      retention.sweep();
    },
  });
  const recovery = startDamageRecovery({
    ...deps,
    file: databaseFile,
    dataSet,
    loader,
    reload: follower.syncNow,
  });
  reportDamage = recovery.report;
  foundEarly.forEach(reportDamage);
  const status: StatusMonitor = openStatusMonitor({
    ...deps,
    dataSet,
    follower,
    runs,
    isDamaged: recovery.isDamaged,
    accessFault: () => access?.fault(),
    dataAge,
    freshnessLimitMs,
    onChange: (now) => events.publish(statusEvent(now)),
  });
  const origin = openOriginRules(deps.host, deps.origin);
  const app = await buildApp({
    ...deps,
    ...{ access, origin, limits, hits, pins },
    definition,
    dataSet,
    follower,
    runs,
    events,
    status,
    dataAge,
    metrics,
    hasMetricsRoute,
  });
  const address = await app.listen({ host: deps.host, port: deps.port });
  warnWhenExposed(deps.origin?.bindAddress ?? deps.host, access !== undefined, deps.log);

  const stopSteps: StopStep[] = [
    { what: 'the status monitor', stop: status.stop },
    { what: 'the API', stop: () => app.close() },
    { what: 'the watch on the tokens', stop: () => access?.close() },
    { what: 'the run history', stop: runs.stop },
    { what: 'the retention sweeper', stop: retention.stop },
    { what: 'the follower', stop: follower.stop },
    { what: 'the recovery of the database', stop: recovery.stop },
    // The loader after the readers: as the last one, it checkpoints SQLite's write-ahead log.
    { what: 'the readers of the database', stop: dataSet.close },
    { what: 'the loader', stop: () => loader.close() },
    { what: 'the watch on the database', stop: recovery.close },
  ];

  return {
    address,
    manifest: dataSet.generations.current,
    limitHits: hits.counts,
    syncNow: follower.syncNow,
    stopSteps,
    async stop() {
      for (const { stop } of stopSteps) await stop();
    },
  };
}
