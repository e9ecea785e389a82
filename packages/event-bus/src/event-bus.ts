import type { TraceContext } from '@landfall/tracing/trace-context';

/**
 * The port for messages between the services. Adapters: `in-process/` and `nats/`; both pass the suite in
 * `event-bus.contract.ts`. Messages are JSON values; the receiver validates them. Subjects are dot-separated tokens. In a
 * pattern, `*` matches one token. A message may carry the trace that it belongs to; a receiver gets it only when it is valid.
 */
export interface EventBus {
  /** Whether messages can be sent now. */
  readonly connected: boolean;

  /** Streams of the settings that do not exist yet, by name. Empty for a client that creates them itself. */
  readonly missingStreams: readonly string[];

  /**
   * Calls `listener` now when connected, at every (re)connection, and when a missing stream was created. Messages may have been
   * lost before each of these calls, so the listener should read durable state again.
   *
   * @returns unsubscribes
   */
  onConnected(listener: () => void): Unsubscribe;

  /**
   * Sends a message to the current subscribers, at most once. It is lost while not connected. A message on the subject of a
   * stream is stored there, too.
   */
  publish(subject: string, message: unknown): void;

  /**
   * Sends a message to the current subscribers and stores it on the stream of its subject. Resolves once it is durable. A second
   * message with the same `id` within two minutes is not stored. A deleted stream is created again, by a client that creates
   * streams. A subscriber may receive the message twice.
   *
   * @param trace handed to the subscribers
   * @throws BusError unavailable, timeout (within 15 s)
   */
  keep(subject: string, message: unknown, id: string, trace?: TraceContext): Promise<void>;

  /**
   * Reads the last stored message of every matching subject, oldest first; at most the capacity of the stream. A message that
   * is not JSON is reported and skipped. Of a missing stream nothing is returned.
   *
   * @throws BusError unavailable, timeout (within 15 s)
   */
  lastKept(pattern: string): Promise<unknown[]>;

  /** Calls `handler` for every message with a matching subject, in the order sent, until unsubscribed. */
  subscribe(
    pattern: string,
    handler: (message: unknown, trace: TraceContext | undefined) => void,
  ): Unsubscribe;

  /**
   * Consumes the messages of a work queue one after the other, oldest first, until unsubscribed. A message is removed when
   * `handler` has finished. When it throws, the message is redelivered a second later; after a crash, the next consumer receives
   * it. Each message goes to one of the consumers of a queue.
   *
   * @param subject the subject of a stream with `isQueue`
   */
  consume(subject: string, handler: (message: unknown) => void | Promise<void>): Unsubscribe;

  /**
   * Sends a request and waits for the reply.
   *
   * @param timeoutMs timeout, ms
   * @param trace handed to the responder
   * @throws BusError unavailable, timeout, no_responders
   */
  request(subject: string, message: unknown, timeoutMs: number, trace?: TraceContext): Promise<unknown>;

  /** Replies to requests with the result of `handler`, until unsubscribed. */
  respond(
    subject: string,
    handler: (message: unknown, trace: TraceContext | undefined) => unknown,
  ): Unsubscribe;

  /**
   * Competes for a lease, which has one holder at a time. The holder loses it when it releases it, or does not renew it for
   * `LEASE_TTL_MS`: because it ended, was paused, or the bus was away. A competitor tries again whenever the lease is free.
   *
   * @param name letters, digits, `-`, `_` and `.`
   * @param holder the unique name of this competitor
   * @param onChange called with each new state, in a later turn of the event loop
   */
  lease(name: string, holder: string, onChange: (state: LeaseState) => void): Lease;

  /** Sends pending messages and disconnects. Resolves within 5 s in any case. */
  close(): Promise<void>;
}

export type Unsubscribe = () => void;

/** A lease that is not renewed for this time is free, ms. It is renewed every second. */
export const LEASE_TTL_MS = 3_000;

/**
 * The state of a lease. It is `unknown` while the bus is away, and for a holder that could not renew it in time: it may still
 * hold the lease, or another competitor does.
 */
export type LeaseState = { kind: 'held' } | { kind: 'taken'; holder: string } | { kind: 'unknown' };

/** A competitor for a lease. */
export interface Lease {
  readonly state: LeaseState;
  /** The highest number that this competitor has read from the lease or raised it to; 0 by default. */
  readonly value: number;
  /** Raises the number of the lease, for later holders. It is written with the next renewal and never decreases. */
  raise(value: number): void;
  /** Reads the state from the bus now; within 5 s. */
  check(): Promise<LeaseState>;
  /** Stops competing and frees a held lease. Resolves within 2 s in any case. */
  release(): Promise<void>;
}

/** A stream: its subject and its limits. */
export interface StreamSettings {
  name: string;
  subject: string;
  maxMessages: number;
  maxPerSubject: number;
  maxAgeMs: number;
  /** A work queue: a message stays until it is consumed, too old, or displaced by newer ones. */
  isQueue?: boolean;
}

/** The settings of every adapter. */
export interface BusSettings {
  streams: readonly StreamSettings[];
  /**
   * Whether this client creates the streams and repairs them (default). Another client waits until they exist: NATS may allow it
   * to read them only.
   */
  createsStreams?: boolean;
  /** Called on messages that cannot be parsed, on handlers that throw, and on failed connections. It may throw. */
  onError: (error: Error, subject: string) => void;
}

export type BusErrorCode = 'unavailable' | 'timeout' | 'no_responders';

/** The only error that an event bus throws. Its `cause` is the error of the client library. */
export class BusError extends Error {
  override name = 'BusError';
  readonly code: BusErrorCode;

  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
