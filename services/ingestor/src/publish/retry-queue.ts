import { BusError, type EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';
import type { TraceContext } from '@landfall/tracing/trace-context';

interface QueuedMessage {
  subject: string;
  message: unknown;
  id: string;
  trace: TraceContext | undefined;
  attempts: number;
}

/** Maximum number of unsent messages of all subjects; above it the oldest one is dropped. */
const CAPACITY = 100;
const RETRY_INTERVAL_MS = 5_000;
/** Maximum time that `send` waits for the bus, ms. */
const SEND_TIMEOUT_MS = 2_000;
/** A message that failed this often while others of its subject wait is dropped: after about a minute. */
const MAX_ATTEMPTS = 12;

export type RetryQueue = ReturnType<typeof openRetryQueue>;

/**
 * A queue in memory for messages that must not be lost while the bus is away. Unsent messages are retried every five
 * seconds and at each reconnection. Messages of one subject stay in order. A message that cannot be sent never delays
 * other subjects, and delays its own subject for about a minute. Dropped messages are logged. After a crash, the next leader
 * repeats the announcement.
 */
export function openRetryQueue(bus: EventBus, log: Logger) {
  /** By subject, oldest first; no list is empty. */
  const queues = new Map<string, QueuedMessage[]>();
  const sending = new Map<string, Promise<void>>();

  function drop(message: QueuedMessage, why: string): void {
    remove(message);
    log.warn({ subject: message.subject, id: message.id }, `a message is dropped: ${why}`);
  }

  function remove(message: QueuedMessage): void {
    const left = (queues.get(message.subject) ?? []).filter((other) => other !== message);
    if (left.length > 0) queues.set(message.subject, left);
    else queues.delete(message.subject);
  }

  /** @returns whether the next message of the subject can be sent */
  async function trySend(message: QueuedMessage): Promise<boolean> {
    try {
      await bus.keep(message.subject, message.message, message.id, message.trace);
      remove(message);
      return true;
    } catch (error) {
      if (!(error instanceof BusError)) {
        drop(message, error instanceof Error ? error.message : String(error));
        return true;
      }
      // Counts only refusals: while the bus is away nothing can be sent.
      if (bus.connected) message.attempts++;
      const blocksOthers = (queues.get(message.subject)?.length ?? 0) > 1;
      if (message.attempts < MAX_ATTEMPTS || !blocksOthers) return false;
      drop(message, error.message);
      return true;
    }
  }

  async function sendAll(subject: string): Promise<void> {
    for (let first = queues.get(subject)?.[0]; first; first = queues.get(subject)?.[0]) {
      if (!(await trySend(first))) return;
    }
  }

  function flush(subject: string): Promise<void> {
    const current = sending.get(subject);
    if (current) return current;
    const attempt = sendAll(subject).finally(() => sending.delete(subject));
    sending.set(subject, attempt);
    return attempt;
  }

  function flushAll(): void {
    for (const subject of queues.keys()) void flush(subject);
  }

  const timer = setInterval(flushAll, RETRY_INTERVAL_MS).unref();
  const unsubscribe = bus.onConnected(flushAll);

  return {
    /**
     * Queues a message. Resolves when it is sent, when sending has failed, or after two seconds.
     *
     * @param id the stream stores messages with the same id within two minutes once
     * @param trace the trace that the message belongs to
     */
    async send(subject: string, message: unknown, id: string, trace?: TraceContext): Promise<void> {
      queues.set(subject, [...(queues.get(subject) ?? []), { subject, message, id, trace, attempts: 0 }]);
      const all = [...queues.values()].flat();
      // The subject that has waited longest comes first, so this is nearly the oldest message.
      if (all.length > CAPACITY && all[0]) drop(all[0], `more than ${CAPACITY} are waiting`);
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise((resolve) => {
        timer = setTimeout(resolve, SEND_TIMEOUT_MS);
      });
      await Promise.race([flush(subject), timeout]);
      clearTimeout(timer);
    },
    /** Removes the unsent messages of a subject. */
    discard: (subject: string): boolean => queues.delete(subject),
    close(): void {
      clearInterval(timer);
      unsubscribe();
      queues.clear();
    },
  };
}
