import { errorOf } from './api-answer.ts';
import { retryAfterMs } from './backoff.ts';
import { LandfallError, unexpectedAnswer } from './landfall-error.ts';
import { type Message, readMessages } from './read-messages.ts';
import { isTemporary, reconnectMs } from './reconnect.ts';
import type { Fetch } from './retrying-fetch.ts';
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
 * errors, silence, 429 and 5xx. An id that cannot be sent as a header is left out.
 *
 * @param fetch without retries of its own
 * @throws LandfallError when the service refuses the request with another status; `unexpected_answer` when a success is no event stream
 */
export async function* readEvents(
  url: string,
  headers: Readonly<Record<string, string>>,
  fetch: Fetch,
  { lastEventId, signal, maxSilenceMs = DEFAULT_MAX_SILENCE_MS }: EventOptions,
): AsyncGenerator<Message> {
  let lastId = lastEventId;
  let failures = 0;
  for (;;) {
    let asked: number | undefined;
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
        asked = retryAfterMs(response);
        await response.body?.cancel();
      } else if (!response.ok) {
        throw await errorOf(response);
      } else if (!response.body || !isEventStream(response)) {
        await response.body?.cancel();
        throw unexpectedAnswer(response.status, 'The answer is not a stream of events of Landfall.');
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
    // Not before the connection: events of a connection end a row of failures.
    await wait(reconnectMs(failures, asked), signal);
    failures++;
  }
}

const isEventStream = ({ headers }: Response): boolean =>
  /^text\/event-stream\b/i.test(headers.get('content-type') ?? '');
