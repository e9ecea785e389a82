import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Unsubscribe } from '../event-bus.ts';

/** A message that its consumer failed at comes again after so long, ms. */
const REDELIVER_AFTER_MS = 1_000;

/** A message that waits to be consumed. */
export interface Waiting {
  json: string;
}

export type WorkQueue = ReturnType<typeof workQueue>;

/**
 * Hands the messages of a queue to one consumer: the one that came first and is still there.
 *
 * @param messages those that wait, the oldest first; who adds one calls `wake`
 */
export function workQueue(messages: Waiting[], onError: (error: unknown) => void) {
  const consumers: ((message: unknown) => void | Promise<void>)[] = [];
  const closing = new AbortController();
  let isTaking = false;

  async function take(): Promise<void> {
    await nextTurn(); // As over a wire: nobody runs inside the sender.
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

  function wake(): void {
    if (isTaking) return;
    isTaking = true;
    take().finally(() => {
      isTaking = false;
      // One that came just when the last was done.
      if (messages.length > 0 && consumers.length > 0) wake();
    });
  }

  return {
    wake,
    consume(handler: (message: unknown) => void | Promise<void>): Unsubscribe {
      consumers.push(handler);
      wake();
      return () => void consumers.splice(consumers.indexOf(handler), 1);
    },
    close(): void {
      consumers.splice(0);
      closing.abort();
    },
  };
}
