import { SettingsError } from '@landfall/process/settings';
import { type Static, Type } from 'typebox';
import { LIMITS, type Limits } from './limits.ts';

const KB = 1024;
const MB = 2 ** 20;
const S = 1_000;

/** An integer setting. @param preset its default; what the limit is in the unit of the setting */
const integer = (preset: number, minimum: number, maximum: number, what: string) =>
  Type.Integer({ default: preset, minimum, maximum, description: `${what}, ${minimum} to ${maximum}` });

/** The settings of the limits. */
export const limitSettings = {
  MAX_HEADER_KB: integer(LIMITS.headerBytes / KB, 4, 1_024, 'KiB of a request line and its headers'),
  MAX_URL_KB: integer(LIMITS.urlLength / KB, 1, 1_024, 'KiB of an address'),
  HEADER_TIMEOUT_S: integer(LIMITS.headersTimeoutMs / S, 1, 3_600, 'seconds'),
  REQUEST_TIMEOUT_S: integer(LIMITS.requestTimeoutMs / S, 1, 3_600, 'seconds'),
  IDLE_TIMEOUT_S: integer(LIMITS.idleTimeoutMs / S, 1, 86_400, 'seconds'),
  SLOW_READER_TIMEOUT_S: integer(LIMITS.slowReaderMs / S, 1, 86_400, 'seconds'),
  MAX_UNSENT_MB: integer(LIMITS.unsentBytes / MB, 16, 65_536, 'MB'),
  MAX_CONNECTIONS: integer(LIMITS.connections, 32, 1_000_000, 'connections'),
  MAX_CONNECTIONS_PER_CLIENT: integer(LIMITS.connectionsPerClient, 1, 1_000_000, 'connections'),
  MAX_REQUESTS_PER_CONNECTION: integer(LIMITS.requestsPerConnection, 1, 1_000, 'requests'),
  MAX_QUEUED_REQUESTS: integer(LIMITS.queuedRequests, 0, 1_000_000, 'requests'),
  MAX_REQUESTS: integer(LIMITS.concurrentRequests, 1, 1_000_000, 'requests'),
  MAX_REQUESTS_PER_CLIENT: integer(LIMITS.concurrentRequestsPerClient, 1, 1_000_000, 'requests'),
  MAX_STREAMS: integer(LIMITS.streams, 1, 100_000, 'streams'),
  MAX_STREAMS_PER_CLIENT: integer(LIMITS.streamsPerClient, 1, 100_000, 'streams'),
  MAX_GZIP_STREAMS: integer(LIMITS.gzipStreams, 0, 100_000, 'streams'),
  MAX_WAITERS: integer(LIMITS.generationWaiters, 1, 100_000, 'requests'),
  MAX_WAITERS_PER_CLIENT: integer(LIMITS.generationWaitersPerClient, 1, 100_000, 'requests'),
  MAX_EVENT_STREAMS: integer(LIMITS.eventStreams, 1, 100_000, 'clients'),
  MAX_EVENT_STREAMS_PER_CLIENT: integer(LIMITS.eventStreamsPerClient, 1, 100_000, 'clients'),
  MAX_PINNED_GENERATIONS: integer(LIMITS.pinnedGenerations, 0, 100_000, 'generations'),
  MAX_PINNED_GENERATIONS_PER_CLIENT: integer(LIMITS.pinnedGenerationsPerClient, 0, 10_000, 'generations'),
  RUNS_PER_MINUTE: integer(LIMITS.runsPerMinute, 1, 100_000, 'requests'),
  MAX_EVENT_LOOP_DELAY_MS: integer(LIMITS.eventLoopDelayMs, 0, 60_000, 'ms'),
};

const Settings = Type.Object(limitSettings);

/** The limits of checked settings. @throws SettingsError when two deadlines contradict each other */
export function limitOptions(settings: Static<typeof Settings>): Partial<Limits> {
  if (settings.HEADER_TIMEOUT_S > settings.REQUEST_TIMEOUT_S) {
    throw new SettingsError([
      'HEADER_TIMEOUT_S is longer than REQUEST_TIMEOUT_S, which is for the whole request',
    ]);
  }
  return {
    headerBytes: settings.MAX_HEADER_KB * KB,
    urlLength: settings.MAX_URL_KB * KB,
    headersTimeoutMs: settings.HEADER_TIMEOUT_S * S,
    requestTimeoutMs: settings.REQUEST_TIMEOUT_S * S,
    idleTimeoutMs: settings.IDLE_TIMEOUT_S * S,
    slowReaderMs: settings.SLOW_READER_TIMEOUT_S * S,
    unsentBytes: settings.MAX_UNSENT_MB * MB,
    connections: settings.MAX_CONNECTIONS,
    connectionsPerClient: settings.MAX_CONNECTIONS_PER_CLIENT,
    requestsPerConnection: settings.MAX_REQUESTS_PER_CONNECTION,
    queuedRequests: settings.MAX_QUEUED_REQUESTS,
    concurrentRequests: settings.MAX_REQUESTS,
    concurrentRequestsPerClient: settings.MAX_REQUESTS_PER_CLIENT,
    streams: settings.MAX_STREAMS,
    streamsPerClient: settings.MAX_STREAMS_PER_CLIENT,
    gzipStreams: settings.MAX_GZIP_STREAMS,
    generationWaiters: settings.MAX_WAITERS,
    generationWaitersPerClient: settings.MAX_WAITERS_PER_CLIENT,
    eventStreams: settings.MAX_EVENT_STREAMS,
    eventStreamsPerClient: settings.MAX_EVENT_STREAMS_PER_CLIENT,
    pinnedGenerations: settings.MAX_PINNED_GENERATIONS,
    pinnedGenerationsPerClient: settings.MAX_PINNED_GENERATIONS_PER_CLIENT,
    runsPerMinute: settings.RUNS_PER_MINUTE,
    eventLoopDelayMs: settings.MAX_EVENT_LOOP_DELAY_MS,
  };
}
