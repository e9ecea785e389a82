/** Bounds and deadlines of the HTTP server. Each is named in the table "Limits" of the README; most are settings. */
export interface Limits {
  /** Request line and headers together, bytes. Holds 1,000 `user_id` of 36 characters. */
  headerBytes: number;
  /** The target of a request, characters. */
  urlLength: number;
  /** How long the headers of a request may take, ms. */
  headersTimeoutMs: number;
  /** How long a whole request, with its body, may take to arrive, ms. */
  requestTimeoutMs: number;
  /** How often the two deadlines above are checked, ms. */
  timeoutCheckMs: number;
  /** A connection without a request on which nothing was received for this long is closed, ms. */
  idleTimeoutMs: number;
  /** A connection whose client takes nothing of its responses for this long is closed, ms. */
  slowReaderMs: number;
  /** Bytes of responses that clients have not taken yet, over all connections. Streams do not count more than a chunk. */
  unsentBytes: number;
  /** The body of a request, bytes. No route uses a body. */
  bodyBytes: number;
  /** Open connections. Lower where the process may open fewer files; see `maxConnections`. */
  connections: number;
  /** Open connections of one address. Trusted proxies have no such limit. */
  connectionsPerClient: number;
  /** Requests of one connection that are answered at the same time; further ones wait, and the connection is not read. */
  requestsPerConnection: number;
  /** Requests of all connections that were read and wait for earlier ones of their connection. */
  queuedRequests: number;
  /** Requests that are answered at the same time, not counting those that the response cache answers. */
  concurrentRequests: number;
  concurrentRequestsPerClient: number;
  /** Responses that are streamed at the same time. */
  streams: number;
  streamsPerClient: number;
  /** Streams that are compressed at the same time. Further ones are sent uncompressed. */
  gzipStreams: number;
  /** Requests that wait for `min_generation`. */
  generationWaiters: number;
  generationWaitersPerClient: number;
  /** Clients of `GET /events`. */
  eventStreams: number;
  eventStreamsPerClient: number;
  /** Generations that are kept longer because clients page or stream. */
  pinnedGenerations: number;
  /** Those that are kept longer because of one client alone. */
  pinnedGenerationsPerClient: number;
  /** `POST /data` of one client in a minute. As many can come at once. */
  runsPerMinute: number;
  /** Mean delay of the event loop from which most requests are refused, ms; 0: never. */
  eventLoopDelayMs: number;
  /** How long the object store may take to begin, and to go on, with an image, ms. */
  storeTimeoutMs: number;
  /** How long `POST /data` waits, after its run, until the generation is loaded, ms. */
  loadTimeoutMs: number;
  /** How long running answers may go on once the service stops, ms. Then their connections are closed. */
  stopGraceMs: number;
}

/** The defaults. Those per client are high: behind a proxy that is not trusted, all clients are one. */
export const LIMITS: Limits = {
  headerBytes: 64 * 1024,
  urlLength: 60 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  timeoutCheckMs: 2_000,
  idleTimeoutMs: 120_000,
  slowReaderMs: 60_000,
  unsentBytes: 256 * 2 ** 20,
  bodyBytes: 64 * 1024,
  connections: 8_192,
  connectionsPerClient: 4_096,
  requestsPerConnection: 8,
  queuedRequests: 10_000,
  concurrentRequests: 1_024,
  concurrentRequestsPerClient: 768,
  streams: 512,
  streamsPerClient: 256,
  gzipStreams: 64,
  generationWaiters: 1_000,
  generationWaitersPerClient: 500,
  eventStreams: 1_024,
  eventStreamsPerClient: 512,
  pinnedGenerations: 1_000,
  pinnedGenerationsPerClient: 100,
  runsPerMinute: 120,
  eventLoopDelayMs: 500,
  storeTimeoutMs: 10_000,
  loadTimeoutMs: 30_000,
  stopGraceMs: 5_000,
};

/** Most rows that one request can ask for with `limit`. */
export const MAX_ROWS = 10_000;
