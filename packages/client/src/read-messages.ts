import { createParser } from 'eventsource-parser';
import type { SilenceWatch } from './silence-watch.ts';

/** A server-sent event. Its id can be sent as a header. */
export interface Message {
  event?: string | undefined;
  id?: string | undefined;
  data: string;
}

/** Characters of one event. The reports of runs are the longest. */
const MAX_EVENT = 2 ** 24;

/**
 * Parses one connection of server-sent events, to its end. Silence is watched while it waits for the service, not while the caller
 * handles an event.
 */
export async function* readMessages(
  body: ReadableStream<Uint8Array>,
  silence: SilenceWatch,
): AsyncGenerator<Message> {
  const messages: Message[] = [];
  const parser = createParser({
    // An id that no request can have would end the subscription at the next connection.
    onEvent: ({ id, ...message }) => messages.push(isHeaderValue(id) ? { ...message, id } : message),
    maxBufferSize: MAX_EVENT,
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      silence.restart();
      const { value, done } = await reader.read();
      silence.stop();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* messages.splice(0);
    }
  } finally {
    silence.stop();
    // Of a connection that failed, it rejects with the same error again.
    await reader.cancel().catch(() => undefined);
  }
}

const isHeaderValue = (id = ''): boolean => /^[\x20-\x7e]*$/.test(id);
