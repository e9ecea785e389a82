import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Unsubscribe } from '../event-bus.ts';

/** Delay before a message is redelivered after its consumer failed, ms. */
const REDELIVER_AFTER_MS = 1_000;

/** A queued message. */
export interface QueuedMessage {
  json: string;
}

export type WorkQueue = ReturnType<typeof workQueue>;

/**
 * Delivers the messages of a queue to one consumer: the one that has been subscribed longest.
 *
 * @param messages the queued messages, oldest first. Call `deliver` after adding one
 */
export function workQueue(messages: QueuedMessage[], onError: (error: unknown) => void) {
  const consumers: ((message: unknown) => void | Promise<void>)[] = [];
  const closing = new AbortController();
  let isDelivering = false;

  async function deliverAll(): Promise<void> {
    await nextTurn(); // As over a network: no consumer runs inside the sender.
    for (let first = messages[0]; first; first = messages[0]) {
      const [consume] = consumers;
      if (!consume) return;
      try {
        await consume(JSON.parse(first.json));
        if (messages[0] === first) messages.shift();
      } catch (error) {
        onError(error);
        await sleep(REDELIVER_AFTER_MS, undefined, closing).catch(() => undefined);
      }
    }
  }

  function deliver(): void {
    if (isDelivering) return;
    isDelivering = true;
    deliverAll().finally(() => {
      isDelivering = false;
      // A message may have arrived after the last one was delivered.
      if (messages.length > 0 && consumers.length > 0) deliver();
    });
  }

  return {
    deliver,
    consume(handler: (message: unknown) => void | Promise<void>): Unsubscribe {
      consumers.push(handler);
      deliver();
      return () => void consumers.splice(consumers.indexOf(handler), 1);
    },
    close(): void {
      consumers.splice(0);
      closing.abort();
    },
  };
}
