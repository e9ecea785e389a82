import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Metrics, PLAIN } from './registry.ts';

/** How often the delay of the event loop is sampled, ms. */
const SAMPLE_EVERY_MS = 20;

/**
 * Adds the figures of this process.
 *
 * @returns stops sampling
 */
export function addProcessMetrics(metrics: Metrics): () => void {
  const delay = monitorEventLoopDelay({ resolution: SAMPLE_EVERY_MS });
  delay.enable();
  // A sample is the time between two samples, so its interval is not a delay.
  const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - SAMPLE_EVERY_MS / 1e3);

  metrics.onScrape(
    'gauge',
    {
      name: 'event_loop_delay_seconds',
      help: 'Delay of the event loop since the last scrape, in seconds: the 99th percentile and the maximum. While it is blocked, nothing is answered',
      labels: ['value'],
    },
    function* () {
      yield [{ value: 'p99' }, seconds(delay.percentile(99))];
      yield [{ value: 'max' }, seconds(delay.max)];
      delay.reset();
    },
  );
  metrics.onScrape(
    'counter',
    {
      name: 'process_cpu_seconds_total',
      help: 'CPU time of the process with all its threads, in seconds, by mode: user or system',
      labels: ['mode'],
    },
    function* () {
      const { user, system } = process.cpuUsage();
      yield [{ mode: 'user' }, user / 1e6];
      yield [{ mode: 'system' }, system / 1e6];
    },
  );
  metrics.onScrape(
    'gauge',
    {
      name: 'process_memory_bytes',
      help: 'Memory of the process in bytes: resident, of the JavaScript heap, and outside of it',
      labels: ['kind'],
    },
    function* () {
      const { rss, heapUsed, external } = process.memoryUsage();
      yield [{ kind: 'resident' }, rss];
      yield [{ kind: 'heap' }, heapUsed];
      yield [{ kind: 'external' }, external];
    },
  );
  metrics.onScrape(
    'gauge',
    {
      name: 'process_start_time_seconds',
      help: 'When the process started, in seconds since 1970-01-01 UTC',
    },
    () => [[PLAIN, performance.timeOrigin / 1e3]],
  );
  return () => delay.disable();
}
