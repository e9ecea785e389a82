/** Bounds and deadlines of the HTTP server. Each is named in the table "Limits" of the README. */
export interface Limits {
  /** Request line and headers together, bytes. Holds 1,000 `user_id` of 36 characters. */
  headerBytes: number;
  /** How long the headers of a request may take, ms. */
  headersTimeoutMs: number;
  /** How long a whole request, with its body, may take to arrive, ms. */
  requestTimeoutMs: number;
  /** How often the two deadlines above are checked, ms. */
  timeoutCheckMs: number;
  /** A connection on which nothing was sent or received for this long is closed, ms. */
  idleTimeoutMs: number;
  /** The body of a request, bytes. No route uses a body. */
  bodyBytes: number;
  /** Open connections. Lower where the process may open fewer files; see `maxConnections`. */
  connections: number;
  /** Requests of one connection that are answered at the same time; further ones wait, and the connection is not read. */
  requestsPerConnection: number;
  /** Requests of all connections that were read and wait for earlier ones of their connection. */
  queuedRequests: number;
  /** Requests that are answered at the same time, not counting those that the response cache answers. */
  concurrentRequests: number;
  /** Requests that wait for `min_generation`. */
  generationWaiters: number;
  /** Clients of `GET /events`. */
  eventClients: number;
  /** How long the object store may take to begin, and to go on, with an image, ms. */
  storeTimeoutMs: number;
  /** How long `POST /data` waits, after its run, until the generation is loaded, ms. */
  loadTimeoutMs: number;
  /** How long running answers may go on once the service stops, ms. Then their connections are closed. */
  stopGraceMs: number;
}

export const LIMITS: Limits = {
  headerBytes: 64 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  timeoutCheckMs: 2_000,
  idleTimeoutMs: 120_000,
  bodyBytes: 64 * 1024,
  connections: 4_096,
  requestsPerConnection: 8,
  queuedRequests: 10_000,
  concurrentRequests: 1_024,
  generationWaiters: 1_000,
  eventClients: 256,
  storeTimeoutMs: 10_000,
  loadTimeoutMs: 30_000,
  stopGraceMs: 5_000,
};

/** Most rows that one request can ask for with `limit`. */
export const MAX_ROWS = 10_000;
