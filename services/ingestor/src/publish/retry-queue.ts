import { BusError, type EventBus } from '@landfall/event-bus/event-bus';
import type { Logger } from '@landfall/process/logger';

interface Message {
  subject: string;
  message: unknown;
  id: string;
  attempts: number;
}

/** So many unsent messages are kept, of all subjects; then the oldest one is dropped. */
const CAPACITY = 100;
const RETRY_MS = 5_000;
/** `send` waits no longer than this for the bus, ms. */
const WAIT_MS = 2_000;
/** A message that failed so often while others wait behind it is dropped: about a minute. */
const MAX_ATTEMPTS = 12;

export type RetryQueue = ReturnType<typeof openRetryQueue>;

/**
 * A retry queue for messages that must not be lost while the bus is away. What could not be kept is tried again every five
 * seconds and at each reconnection. The order holds for each subject; a message that cannot be sent holds up no other
 * subject, and its own one for about a minute. What is dropped is logged. What a crash loses, the next leader announces
 * again.
 */
export function openRetryQueue(bus: EventBus, log: Logger) {
  /** By subject, oldest first; no list is empty. */
  const queues = new Map<string, Message[]>();
  const sending = new Map<string, Promise<void>>();

  function drop(message: Message, why: string): void {
    remove(message);
    log.warn({ subject: message.subject, id: message.id }, `a message is dropped: ${why}`);
  }

  function remove(message: Message): void {
    const left = (queues.get(message.subject) ?? []).filter((other) => other !== message);
    if (left.length > 0) queues.set(message.subject, left);
    else queues.delete(message.subject);
  }

  /** @returns whether the next of its subject may be tried */
  async function trySend(message: Message): Promise<boolean> {
    try {
      await bus.keep(message.subject, message.message, message.id);
      remove(message);
      return true;
    } catch (error) {
      if (!(error instanceof BusError)) {
        drop(message, error instanceof Error ? error.message : String(error));
        return true;
      }
      // Only what the bus refuses counts: while it is away nothing can be sent.
      if (bus.connected) message.attempts++;
      const holdsUp = (queues.get(message.subject)?.length ?? 0) > 1;
      if (message.attempts < MAX_ATTEMPTS || !holdsUp) return false;
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

  const timer = setInterval(flushAll, RETRY_MS).unref();
  const leaveBus = bus.onConnected(flushAll);

  return {
    /**
     * Resolves when the message is sent, or when it turned out that it cannot be now; after two seconds at most.
     *
     * @param id within two minutes the same one is kept once
     */
    async send(subject: string, message: unknown, id: string): Promise<void> {
      queues.set(subject, [...(queues.get(subject) ?? []), { subject, message, id, attempts: 0 }]);
      const all = [...queues.values()].flat();
      // Subjects stay in the order in which they came to wait, so this is nearly the oldest.
      if (all.length > CAPACITY && all[0]) drop(all[0], `more than ${CAPACITY} wait`);
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise((resolve) => {
        timer = setTimeout(resolve, WAIT_MS);
      });
      await Promise.race([flush(subject), patience]);
      clearTimeout(timer);
    },
    /** Forgets the unsent messages of a subject. */
    forget: (subject: string): boolean => queues.delete(subject),
    close(): void {
      clearInterval(timer);
      leaveBus();
      queues.clear();
    },
  };
}
