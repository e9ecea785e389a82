import type { Manifest } from '@landfall/contracts/dataset/manifest';
import type { Run } from '@landfall/contracts/messages/run';
import type { Status } from './health-status.ts';
import { publicRun, publicStatus } from './public-text.ts';

/** An event for those who listen on `GET /events`. */
export interface ApiEvent {
  id?: string;
  event: 'run' | 'dataset' | 'status';
  data: unknown;
}

export type EventBroadcaster = ReturnType<typeof openEventBroadcaster>;

/** A listener that is so many events behind is let go; it comes again and finds out what it missed. */
const MAX_BEHIND = 1_000;

interface Listener {
  behind: ApiEvent[];
  wake: () => void;
}

/** Hands events on to everyone who listens, each at their own pace. */
export function openEventBroadcaster() {
  const listeners = new Set<Listener>();

  function drop(listener: Listener): void {
    listeners.delete(listener);
    listener.wake();
  }

  async function* deliver(listener: Listener): AsyncIterable<ApiEvent> {
    try {
      while (listeners.has(listener)) {
        yield* listener.behind.splice(0);
        if (listener.behind.length > 0 || !listeners.has(listener)) continue;
        await new Promise<void>((resolve) => {
          listener.wake = resolve;
        });
      }
    } finally {
      listeners.delete(listener);
    }
  }

  return {
    tell(event: ApiEvent): void {
      for (const listener of listeners) {
        listener.behind.push(event);
        if (listener.behind.length > MAX_BEHIND) drop(listener);
        else listener.wake();
      }
    },

    /** How many listen. */
    listeners: (): number => listeners.size,

    /** All that is told from this call on, until `signal` or `close`. */
    listen(signal: AbortSignal): AsyncIterable<ApiEvent> {
      const listener: Listener = { behind: [], wake: () => undefined };
      if (!signal.aborted) listeners.add(listener);
      signal.addEventListener('abort', () => drop(listener), { once: true });
      return deliver(listener);
    },

    /** Lets every listener go. */
    close(): void {
      for (const listener of listeners) drop(listener);
    },
  };
}

/** A generation that is served from now on. */
export function datasetEvent({ generation, version, created_at, rows }: Manifest): ApiEvent {
  return {
    id: `${generation}-${version}`,
    event: 'dataset',
    data: { generation, version, created_at, rows },
  };
}

/** A run that goes on, or its report. */
export const runEvent = (run: Run): ApiEvent => ({ event: 'run', data: publicRun(run) });

/** How well it goes, when that is otherwise than before. */
export const statusEvent = (status: Status): ApiEvent => ({ event: 'status', data: publicStatus(status) });
