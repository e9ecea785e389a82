import { ingestProgress } from '@landfall/contracts/messages/events';
import type { SentReport } from '@landfall/contracts/messages/put-times';
import { noCounts, type RunReport } from '@landfall/contracts/messages/run';
import type { EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';
import { NO_TRACER, type Tracer } from '@landfall/tracing/span';
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
  tracer?: Tracer | undefined;
  /** Ms since 1970 UTC. */
  clock: () => number;
  log: Logger;
}

type Result = Pick<RunReport, 'status' | 'published' | 'generation' | 'version' | 'error' | 'error_code'>;

/** Runs the pipeline and publishes the report. */
export async function executeRun(deps: RunDeps, run_id: string, spec: RunSpec): Promise<RunReport> {
  const { context, retryQueue, conditions, tracer = NO_TRACER, clock, log } = deps;
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
  const span = tracer.start('run', spec.traces, {
    attributes: { 'landfall.run_id': run_id, 'landfall.trigger': spec.trigger },
  });
  const { traceId: trace_id } = span;
  const phases = timePhases(openProgressPublisher(deps.bus, identity), span);
  try {
    const waitForUnsettled = spec.trigger === 'request' || spec.trigger === 'start';
    const options = { scope: spec.scope, force: spec.force, waitForUnsettled };
    const run = { options, counts, now, onProgress: phases.onProgress, span: phases.span };
    const { manifest, published, isFull } = await runPipeline(context, run);
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
    log.info({ ...report, trace_id }, 'run succeeded');
    // Those of a failed run stay: the next run publishes them.
    const putTimes = context.puts.pending.take();
    if (published && putTimes.length > 0) report = { ...report, put_times: putTimes };
  } catch (error) {
    const failure = toRunFailure(error, context.stateDir);
    phases.span().fail(error);
    span.fail(error);
    // After a lost leadership, failures are the concern of the new leader.
    if (error instanceof LeadershipLostError) deps.onLeadershipLost(error);
    else conditions.set('run_failed', failure.error);
    deps.catalogs.reportError(error);
    const { generation = null, version = null } = lastPublished(context) ?? {};
    report = makeReport({ status: 'failed', published: false, generation, version, ...failure });
    log.error({ ...report, trace_id, err: error }, 'run failed');
  }
  const seconds = phases.end();
  deps.metrics?.countRun(report, seconds, isFullRun);
  span.set({
    'landfall.generation': report.generation ?? undefined,
    'landfall.published': report.published,
    'landfall.listed': report.listed,
    'landfall.fetched': report.fetched,
  });
  span.end();
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
