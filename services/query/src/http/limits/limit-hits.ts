/** The limits that count how often clients reach them. A closed set: the names are labels of a metric. */
export const LIMIT_NAMES = [
  'header_size',
  'url_length',
  'body_size',
  'header_time',
  'request_time',
  'idle_connection',
  'slow_reader',
  'unsent_bytes',
  'connections',
  'connections_per_client',
  'queued_requests',
  'concurrent_requests',
  'concurrent_requests_per_client',
  'streams',
  'streams_per_client',
  'gzip_streams',
  'generation_waiters',
  'generation_waiters_per_client',
  'event_streams',
  'event_streams_per_client',
  'pinned_generations',
  'pinned_generations_per_client',
  'run_rate',
  'event_loop_delay',
] as const;

export type LimitName = (typeof LIMIT_NAMES)[number];

export type LimitHits = ReturnType<typeof openLimitHits>;

/** Counts how often each limit was reached since the start of the service. */
export function openLimitHits() {
  const counts = Object.fromEntries(LIMIT_NAMES.map((name) => [name, 0])) as Record<LimitName, number>;
  return {
    hit(name: LimitName): void {
      counts[name]++;
    },
    /** The live counts, one of each limit, also of those that were never reached. */
    counts: counts as Readonly<Record<LimitName, number>>,
  };
}
