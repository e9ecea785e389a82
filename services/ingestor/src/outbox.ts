import { BusError, type EventBus } from '@landfall/event-bus/event-bus';

interface Message {
  subject: string;
  message: unknown;
  id: string;
}

/** So many unsent messages are kept; then the oldest goes. */
const CAPACITY = 100;
const RETRY_MS = 5_000;

export type Outbox = ReturnType<typeof openOutbox>;

/**
 * Sends messages that must not be lost while the bus is away: what could not be kept is tried again, in order,
 * every five seconds and at each reconnection. What a crash loses, the next start announces again.
 */
export function openOutbox(bus: EventBus) {
  const waiting: Message[] = [];
  let sending: Promise<void> | undefined;

  async function send(): Promise<void> {
    for (let first = waiting[0]; first; first = waiting[0]) {
      await bus.keep(first.subject, first.message, first.id);
      if (waiting[0] === first) waiting.shift();
    }
  }

  /** Resolves when all is sent, or when it turned out that it can't be now. */
  function flush(): Promise<void> {
    sending ??= send()
      .catch((error) => {
        if (!(error instanceof BusError)) throw error;
      })
      .finally(() => {
        sending = undefined;
      });
    return sending;
  }

  const timer = setInterval(() => waiting.length > 0 && flush(), RETRY_MS).unref();
  bus.onConnected(() => void flush());

  return {
    /** @param id within two minutes the same one is kept once */
    async send(subject: string, message: unknown, id: string): Promise<void> {
      waiting.push({ subject, message, id });
      if (waiting.length > CAPACITY) waiting.shift();
      await flush();
    },
    close: () => clearInterval(timer),
  };
}
