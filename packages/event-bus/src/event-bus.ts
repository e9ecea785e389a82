/**
 * Messages between the services. Two adapters: `in-process.ts` and `nats.ts`; `event-bus.contract.ts` is what
 * both have to do. Messages are JSON values; who receives one parses it. Subjects are dot-separated tokens, and
 * in a pattern `*` stands for one token.
 */
export interface EventBus {
  /** Whether messages can be sent now. */
  readonly connected: boolean;

  /**
   * Calls `listener` now when connected, at every (re)connection, and when a stream was deleted and made again: messages
   * may have been lost before each of these, so this is the moment to read what does not get lost.
   *
   * @returns calls no more
   */
  onConnected(listener: () => void): Unsubscribe;

  /**
   * Sends to whoever listens now; may be lost, and is while not connected. What is not lost is kept, when the
   * subject is that of a stream.
   */
  publish(subject: string, message: unknown): void;

  /**
   * Sends to whoever listens now, and keeps the message on the stream of its subject. Resolves once it is
   * durable. Within two minutes a second message of the same `id` is not kept again. A stream that was deleted is made
   * again. A subscriber may receive the message twice.
   *
   * @throws BusError unavailable, timeout (within 15 s)
   */
  keep(subject: string, message: unknown, id: string): Promise<void>;

  /**
   * The last kept message of every subject that matches, oldest first; at most as many as the stream may hold. A message
   * that is not JSON is reported and left out.
   *
   * @throws BusError unavailable, timeout (within 15 s)
   */
  lastKept(pattern: string): Promise<unknown[]>;

  /** Calls `handler` for every message whose subject matches, in the order sent, until it is called off. */
  subscribe(pattern: string, handler: (message: unknown) => void): Unsubscribe;

  /**
   * Takes messages off a work queue, one after the other, until it is called off: those that came meanwhile first.
   * A message is gone once `handler` is done with it; when that throws, it comes again a second later, and so it
   * does to the next consumer after a crash. Of several consumers of a queue each message goes to one.
   *
   * @param subject the subject of a stream that is a queue
   */
  consume(subject: string, handler: (message: unknown) => void | Promise<void>): Unsubscribe;

  /**
   * Asks, and waits for the answer.
   *
   * @param timeoutMs how long at most, ms
   * @throws BusError unavailable, timeout, no_responders
   */
  request(subject: string, message: unknown, timeoutMs: number): Promise<unknown>;

  /** Answers requests, until it is called off. */
  respond(subject: string, handler: (message: unknown) => unknown): Unsubscribe;

  /**
   * Competes for a lease that one holder has at a time. The holder keeps it until it releases it, or does not renew it for
   * `LEASE_TTL_MS`: because it ended, was paused, or the bus was away. It competes again whenever the lease is free.
   *
   * @param name letters, digits, `-`, `_` and `.`
   * @param holder identifies this competitor; no other may have the same
   * @param onChange called with each new state, in a later turn of the event loop
   */
  lease(name: string, holder: string, onChange: (state: LeaseState) => void): Lease;

  /** Sends what is under way and leaves; within 5 s, whatever the bus does. */
  close(): Promise<void>;
}

export type Unsubscribe = () => void;

/** A lease that its holder does not renew for so long is free, ms. It is renewed every second. */
export const LEASE_TTL_MS = 3_000;

/**
 * What is known of a lease. `unknown` while the bus is away, and for a holder that could not renew its lease in time: it
 * may still have it, or another may have taken it.
 */
export type LeaseState = { kind: 'held' } | { kind: 'taken'; holder: string } | { kind: 'unknown' };

/** A competitor for a lease. */
export interface Lease {
  readonly state: LeaseState;
  /** The highest number that this competitor has seen in the lease or put there; 0 when there was none. */
  readonly value: number;
  /** Leaves a number for later holders. It is written with the next renewal, and only ever rises. */
  raise(value: number): void;
  /** Asks the bus now, and returns the state; within 5 s. */
  check(): Promise<LeaseState>;
  /** Stops competing. A lease that is held is free at once for others; within 2 s, whatever the bus does. */
  release(): Promise<void>;
}

/** A stream: the subject it keeps, and how much of it. */
export interface StreamSettings {
  name: string;
  subject: string;
  maxMessages: number;
  maxPerSubject: number;
  maxAgeMs: number;
  /** A work queue: a message stays until somebody has consumed it, or it is too old, or too many came after it. */
  isQueue?: boolean;
}

/** What every adapter is made with. */
export interface BusSettings {
  streams: readonly StreamSettings[];
  /** Called with messages that could not be parsed, handlers that threw, and failures to connect. It may throw. */
  onError: (error: Error, subject: string) => void;
}

export type BusErrorCode = 'unavailable' | 'timeout' | 'no_responders';

/** The only error an event bus throws; the vendor's own is its `cause`. */
export class BusError extends Error {
  override name = 'BusError';
  readonly code: BusErrorCode;

  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
