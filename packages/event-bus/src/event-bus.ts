/**
 * Messages between the services. Two adapters: `in-process.ts` and `nats.ts`; `event-bus.contract.ts` is what
 * both have to do. Messages are JSON values; who receives one parses it. Subjects are dot-separated tokens, and
 * in a pattern `*` stands for one token.
 */
export interface EventBus {
  /** Whether messages can be sent now. */
  readonly connected: boolean;

  /**
   * Calls `listener` now when connected, and at every (re)connection: what was sent meanwhile is lost, so this
   * is the moment to look at what does not get lost.
   */
  onConnected(listener: () => void): void;

  /**
   * Sends to whoever listens now; may be lost, and is while not connected. What is not lost is kept, when the
   * subject is that of a stream.
   */
  publish(subject: string, message: unknown): void;

  /**
   * Sends to whoever listens now, and keeps the message on the stream of its subject. Resolves once it is
   * durable. Within two minutes a second message of the same `id` is not kept again.
   *
   * @throws BusError unavailable, timeout
   */
  keep(subject: string, message: unknown, id: string): Promise<void>;

  /**
   * The last kept message of every subject that matches, oldest first.
   *
   * @throws BusError unavailable, timeout
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

  /** Sends what is under way and leaves. */
  close(): Promise<void>;
}

export type Unsubscribe = () => void;

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
  /** Hears of messages that could not be understood and of handlers that threw. */
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
