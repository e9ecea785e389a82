import { confirmsBucket } from '@landfall/contracts/messages/confirms-bucket';
import { type RunPhase, type RunReport, RunTrigger } from '@landfall/contracts/messages/run';
import type { Metrics } from '@landfall/metrics/registry';

/** Bounds of runs and their phases, seconds. */
const RUN_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900];
/** Bounds of the delay of events, seconds. */
const DELAY_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600];

const OUTCOMES = ['published', 'unchanged', 'failed'] as const;

export type IngestorMetrics = ReturnType<typeof openIngestorMetrics>;

/** The metrics of an ingestor. Its stages do not know them: they are filled from the reports of runs. */
export function openIngestorMetrics(metrics: Metrics) {
  const runs = metrics.counter({
    name: 'runs_total',
    help: 'Runs that ended, by what started them and by outcome: published (a new generation), unchanged or failed',
    labels: ['trigger', 'outcome'],
  });
  // Prometheus sees a series rise only from a value that it has seen: without the zeros, it would miss the first failure.
  for (const trigger of RunTrigger.enum) for (const outcome of OUTCOMES) runs.inc({ trigger, outcome }, 0);
  const duration = metrics.histogram({
    name: 'run_duration_seconds',
    help: 'Duration of runs in seconds, by what started them',
    labels: ['trigger'],
    buckets: RUN_BUCKETS,
  });
  const phase = metrics.histogram({
    name: 'run_phase_duration_seconds',
    help: 'Duration of the phases of runs in seconds: list the bucket, fetch and aggregate records, publish',
    labels: ['phase'],
    buckets: RUN_BUCKETS,
  });
  const lastFull = metrics.gauge({
    name: 'last_full_run_timestamp_seconds',
    help: 'When the last successful run began that listed the whole source bucket, was not started by a bucket event and held nothing back, in seconds since 1970-01-01 UTC: the data age counts from it once its result is served',
  });
  const listed = metrics.counter({
    name: 'objects_listed_total',
    help: 'Objects of the source bucket that runs listed',
  });
  const fetched = metrics.counter({ name: 'objects_fetched_total', help: 'Record objects that runs read' });
  const rows = metrics.counter({
    name: 'rows_changed_total',
    help: 'Rows that runs added, updated or removed',
    labels: ['change'],
  });
  const held = metrics.gauge({
    name: 'rows_held',
    help: 'Rows without a record object that the removal guard keeps, as of the last run',
  });
  const retries = metrics.counter({
    name: 'store_retries_total',
    help: 'Requests to the object store that were repeated after an error',
  });
  const delay = metrics.histogram({
    name: 'bucket_event_delay_seconds',
    help: 'Time from a change of the source bucket to the arrival of its event in seconds, for stores that send the time',
    buckets: DELAY_BUCKETS,
  });

  return {
    /** @param phases seconds by phase */
    countRun(report: RunReport, phases: Partial<Record<RunPhase, number>>, isFull: boolean): void {
      const { trigger, status, published, duration_ms, started_at } = report;
      const outcome = status === 'failed' ? 'failed' : published ? 'published' : 'unchanged';
      runs.inc({ trigger, outcome });
      duration.observe({ trigger }, duration_ms / 1_000);
      for (const [name, seconds] of Object.entries(phases)) phase.observe({ phase: name }, seconds);
      listed.inc(report.listed);
      fetched.inc(report.fetched);
      for (const change of ['added', 'updated', 'removed'] as const) rows.inc({ change }, report[change]);
      if (status === 'failed') return;
      held.set(report.held ?? 0);
      if (isFull && confirmsBucket(report)) lastFull.set(Date.parse(started_at) / 1_000);
    },
    countRetry: (): void => retries.inc(),
    /** @param ms from the change to its event */
    observeEventDelay: (ms: number): void => delay.observe(Math.max(0, ms) / 1_000),
  };
}
