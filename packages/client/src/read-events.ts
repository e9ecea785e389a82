import { errorOf } from './api-answer.ts';
import { LandfallError } from './landfall-error.ts';
import { type Message, readMessages } from './read-messages.ts';
import { isTemporary, MAX_RECONNECT_MS, reconnectMs } from './reconnect.ts';
import { type Fetch, retryAfterMs } from './retrying-fetch.ts';
import { watchSilence } from './silence-watch.ts';
import { wait } from './wait.ts';

/** Options of a subscription. */
export interface EventOptions {
  /** The id of the last `dataset` event that you received: that generation is not sent again. */
  lastEventId?: string;
  /** Ends the subscription: the iteration throws the signal's reason. */
  signal?: AbortSignal;
  /** A connection on which nothing arrives for this long is replaced, ms. The service sends something every 15 s. Default: 45,000. */
  maxSilenceMs?: number;
}

const DEFAULT_MAX_SILENCE_MS = 45_000;

/**
 * Receives server-sent events. Until the signal aborts, it reconnects with `Last-Event-ID`: after the end of a connection, network
 * errors, silence, 429 and 5xx.
 *
 * @param fetch without retries of its own
 * @throws LandfallError when the service refuses the request with another status
 */
export async function* readEvents(
  url: string,
  headers: Readonly<Record<string, string>>,
  fetch: Fetch,
  { lastEventId, signal, maxSilenceMs = DEFAULT_MAX_SILENCE_MS }: EventOptions,
): AsyncGenerator<Message> {
  let lastId = lastEventId;
  for (let failures = 0; ; failures++) {
    let waitMs = reconnectMs(failures);
    const silence = watchSilence(maxSilenceMs);
    const ends = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
    const resume: Record<string, string> = lastId === undefined ? {} : { 'last-event-id': lastId };
    const request = new Request(url, {
      headers: { ...headers, ...resume, accept: 'text/event-stream' },
      signal: ends,
    });
    try {
      silence.restart();
      const response = await fetch(request);
      if (isTemporary(response.status)) {
        const asked = retryAfterMs(response.headers.get('retry-after'));
        waitMs = Math.min(asked ?? waitMs, MAX_RECONNECT_MS);
        await response.body?.cancel();
      } else if (!response.ok || !response.body) {
        throw await errorOf(response);
      } else {
        for await (const message of readMessages(response.body, silence)) {
          failures = 0;
          lastId = message.id ?? lastId;
          yield message;
        }
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof LandfallError) throw error;
    } finally {
      silence.stop();
    }
    await wait(waitMs, signal);
  }
}
