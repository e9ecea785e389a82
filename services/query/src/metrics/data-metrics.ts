import type { Manifest } from '@landfall/contracts/dataset/manifest';
import { type Metrics, PLAIN } from '@landfall/metrics/registry';
import type { DataSet } from '../dataset/data-set.ts';
import type { LimitName } from '../http/limits/limit-hits.ts';
import type { DataAge } from '../monitoring/data-age.ts';
import { openPutToServedLag } from '../monitoring/put-to-served-lag.ts';
import type { StatusMonitor } from '../monitoring/status-monitor.ts';

/** Bounds of loads, seconds. */
const LOAD_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** Bounds of the lag, seconds: from an event to a lost event and a failed run. */
const LAG_BUCKETS = [0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 600, 1_500, 3_000, 7_200, 86_400];

/** What the metrics of the data read at a scrape. */
export interface DataMetricsDeps {
  dataSet: Pick<DataSet, 'generations' | 'rejectReasons'>;
  dataAge: Pick<DataAge, 'secondsAt'>;
  /** Age above which the data counts as old, ms. */
  freshnessLimitMs: number;
  status: () => ReturnType<StatusMonitor['status']>;
  /** How often each limit was reached since the start. */
  limitHits: Readonly<Record<LimitName, number>>;
  /** Ms since 1970 UTC. */
  clock: () => number;
}

/** Adds the metrics about the served data. @returns what the service reports to them */
export function addDataMetrics(metrics: Metrics, deps: DataMetricsDeps) {
  const { dataSet, dataAge, freshnessLimitMs, status, limitHits, clock } = deps;
  const served = () => dataSet.generations.current();
  const load = metrics.histogram({
    name: 'load_duration_seconds',
    help: 'Time to download and load a generation in seconds, from its delta or its whole snapshot',
    labels: ['from'],
    buckets: LOAD_BUCKETS,
  });
  const lag = metrics.histogram({
    name: 'put_to_served_lag_seconds',
    help: 'Time from the PUT of an object (its LastModified) to its being served in seconds, one observation per object. Not counted: the first generation, and objects that waited until they were complete',
    buckets: LAG_BUCKETS,
  });
  metrics.onScrape(
    'gauge',
    {
      name: 'data_age_seconds',
      help: 'Age of the served data in seconds: time since the beginning of the last run that confirmed it by listing the whole source bucket. It grows while runs fail, the loaded generation is behind, or reports are lost',
    },
    () => [[PLAIN, dataAge.secondsAt(clock())]],
  );
  metrics.onScrape(
    'gauge',
    {
      name: 'freshness_limit_seconds',
      help: 'Age in seconds above which the data counts as old (FRESHNESS_LIMIT_MINUTES)',
    },
    () => [[PLAIN, freshnessLimitMs / 1_000]],
  );
  metrics.onScrape('gauge', { name: 'generation', help: 'Number of the served generation' }, () => [
    [PLAIN, served()?.generation],
  ]);
  metrics.onScrape('gauge', { name: 'rows', help: 'Rows of the served generation' }, () => [
    [PLAIN, served()?.rows],
  ]);
  const rejects = readRejectReasons(dataSet);
  metrics.onScrape(
    'gauge',
    {
      name: 'rejects',
      help: 'Record objects that cannot be used, in the served generation, by reason',
      labels: ['reason'],
    },
    () => rejects(served()).map(([reason, count]) => [{ reason }, count]),
  );
  metrics.onScrape(
    'gauge',
    {
      name: 'conditions',
      help: 'Active conditions of /status, by level: amber or red',
      labels: ['level'],
    },
    () => {
      const { reasons } = status();
      return (['amber', 'red'] as const).map((level) => [
        { level },
        reasons.filter((reason) => reason.level === level).length,
      ]);
    },
  );
  metrics.onScrape(
    'counter',
    {
      name: 'limits_hit_total',
      help: 'How often a limit of the README was reached, by its name',
      labels: ['limit'],
    },
    () => Object.entries(limitHits).map(([limit, count]) => [{ limit }, count]),
  );
  return {
    /** @param ms duration of the load */
    observeLoad: (isDelta: boolean, ms: number): void =>
      load.observe({ from: isDelta ? 'delta' : 'snapshot' }, ms / 1_000),
    lag: openPutToServedLag((seconds) => lag.observe(seconds)),
  };
}

/** Reads the rejects by reason once per generation. */
function readRejectReasons(dataSet: Pick<DataSet, 'rejectReasons'>) {
  let known: { at: Manifest; reasons: [reason: string, count: number][] } | undefined;
  return (at: Manifest | undefined) => {
    if (!at) return [];
    if (known?.at !== at) known = { at, reasons: dataSet.rejectReasons(at) };
    return known.reasons;
  };
}
