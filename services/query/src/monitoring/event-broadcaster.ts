import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { Run } from '@landfall/contracts/messages/run';
import type { Status } from './health-status.ts';
import { publicRun, publicStatus } from './public-text.ts';

/** An event of `GET /events`. */
export interface ApiEvent {
  id?: string;
  event: 'run' | 'dataset' | 'status';
  data: unknown;
}

export type EventBroadcaster = ReturnType<typeof openEventBroadcaster>;

/** Events in the queue of one subscriber. A slower one is disconnected: it reconnects and gets the current state. */
const MAX_QUEUED = 1_000;

interface Subscriber {
  queue: ApiEvent[];
  wake: () => void;
}

/** Delivers events to all subscribers, to each at its own pace. */
export function openEventBroadcaster() {
  const subscribers = new Set<Subscriber>();

  function unsubscribe(subscriber: Subscriber): void {
    subscribers.delete(subscriber);
    subscriber.wake();
  }

  async function* deliver(subscriber: Subscriber): AsyncIterable<ApiEvent> {
    try {
      while (subscribers.has(subscriber)) {
        yield* subscriber.queue.splice(0);
        if (subscriber.queue.length > 0 || !subscribers.has(subscriber)) continue;
        await new Promise<void>((resolve) => {
          subscriber.wake = resolve;
        });
      }
    } finally {
      subscribers.delete(subscriber);
    }
  }

  return {
    publish(event: ApiEvent): void {
      for (const subscriber of subscribers) {
        subscriber.queue.push(event);
        if (subscriber.queue.length > MAX_QUEUED) unsubscribe(subscriber);
        else subscriber.wake();
      }
    },

    /** The events that are published after this call, until `signal` aborts or `close` is called. */
    subscribe(signal: AbortSignal): AsyncIterable<ApiEvent> {
      const subscriber: Subscriber = { queue: [], wake: () => undefined };
      if (!signal.aborted) subscribers.add(subscriber);
      signal.addEventListener('abort', () => unsubscribe(subscriber), { once: true });
      return deliver(subscriber);
    },

    /** Ends all subscriptions. */
    close(): void {
      for (const subscriber of subscribers) unsubscribe(subscriber);
    },
  };
}

/** A new generation is served. */
export function datasetEvent({ generation, version, created_at, rows }: Manifest): ApiEvent {
  return {
    id: `${generation}-${version}`,
    event: 'dataset',
    data: { generation, version, created_at, rows },
  };
}

/** Progress of a run, or its report. */
export const runEvent = (run: Run): ApiEvent => ({ event: 'run', data: publicRun(run) });

/** The status has changed. */
export const statusEvent = (status: Status): ApiEvent => ({ event: 'status', data: publicStatus(status) });
