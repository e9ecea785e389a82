import { ingestProgress } from '@landfall/contracts/messages/events';
import type { SentReport } from '@landfall/contracts/messages/put-times';
import { noCounts, type RunReport } from '@landfall/contracts/messages/run';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';
import type { CatalogHolder } from '../catalog/catalog-holder.ts';
import { LeadershipLostError } from '../errors/leadership-lost.ts';
import { toRunFailure } from '../errors/run-failure.ts';
import type { Conditions } from '../health/conditions.ts';
import type { IngestorMetrics } from '../metrics/ingestor-metrics.ts';
import type { RetryQueue } from '../publish/retry-queue.ts';
import { timePhases } from './phase-timer.ts';
import { runPipeline } from './pipeline.ts';
import { openProgressPublisher } from './progress.ts';
import type { RunContext } from './run-context.ts';
import type { RunSpec } from './run-spec.ts';

/** What runs need. */
export interface RunDeps {
  context: RunContext;
  bus: EventBus;
  retryQueue: RetryQueue;
  conditions: Conditions;
  catalogs: CatalogHolder;
  /** Called when a run finds that another ingestor leads. No further run may be requested. */
  onLeadershipLost: (error: LeadershipLostError) => void;
  metrics?: IngestorMetrics | undefined;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

type Result = Pick<RunReport, 'status' | 'published' | 'generation' | 'version' | 'error' | 'error_code'>;

/** Runs the pipeline and publishes the report. */
export async function executeRun(deps: RunDeps, run_id: string, spec: RunSpec): Promise<RunReport> {
  const { context, retryQueue, conditions, clock, log } = deps;
  const now = clock();
  const startedAt = performance.now();
  const identity = { run_id, trigger: spec.trigger, started_at: new Date(now).toISOString() };
  const counts = noCounts();
  const makeReport = (result: Result): RunReport => {
    const finished_at = new Date(clock()).toISOString();
    const duration_ms = Math.round(performance.now() - startedAt);
    return { ...identity, ...counts, ...result, finished_at, duration_ms, conditions: conditions.list() };
  };

  let report: SentReport;
  let isFullRun = false;
  const phases = timePhases(openProgressPublisher(deps.bus, identity));
  try {
    const waitForUnsettled = spec.trigger === 'request' || spec.trigger === 'start';
    const options = { scope: spec.scope, force: spec.force, waitForUnsettled };
    const { onProgress } = phases;
    const { manifest, published, isFull } = await runPipeline(context, { options, counts, now, onProgress });
    if (isFull) {
      conditions.clear('run_failed');
      context.puts.lastFullRun = now;
    }
    isFullRun = isFull;
    const { generation, version } = manifest;
    report = makeReport({
      status: 'succeeded',
      published,
      generation,
      version,
      error: null,
      error_code: null,
    });
    log.info(report, 'run succeeded');
    // Those of a failed run stay: the next run publishes them.
    const putTimes = context.puts.pending.take();
    if (published && putTimes.length > 0) report = { ...report, put_times: putTimes };
  } catch (error) {
    const failure = toRunFailure(error, context.stateDir);
    // After a lost leadership, failures are the concern of the new leader.
    if (error instanceof LeadershipLostError) deps.onLeadershipLost(error);
    else conditions.set('run_failed', failure.error);
    deps.catalogs.reportError(error);
    const { generation = null, version = null } = lastPublished(context) ?? {};
    report = makeReport({ status: 'failed', published: false, generation, version, ...failure });
    log.error({ ...report, err: error }, 'run failed');
  }
  deps.metrics?.countRun(report, phases.end(), isFullRun);
  await retryQueue.send(ingestProgress(run_id), report, `report-${run_id}`);
  return report;
}

/** The manifest that the catalog published last; undefined when the catalog cannot be read. */
function lastPublished({ catalog }: RunContext) {
  try {
    return catalog.publishState().manifest;
  } catch {
    return undefined;
  }
}
