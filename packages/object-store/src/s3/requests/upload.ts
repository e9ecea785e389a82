import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ObjectContent } from '../../object-store.ts';
import { EMPTY_SHA256, UNSIGNED } from './signature.ts';

/** The body of one attempt of a request. */
export interface Upload {
  body: Uint8Array | Readable | null;
  /** Bytes. */
  size: number;
  /** The checksum for the signature. */
  payload: string;
  /** Error of the content itself. A retry would fail, too. */
  readonly failure: Error | undefined;
  /** Closes the streams, whether they were sent or not. */
  close(): void;
}

/**
 * Opens the body of one attempt.
 *
 * @param pieceMs maximum time between two chunks, ms
 * @param onStall called when it has passed
 */
export function openUpload(content: ObjectContent | undefined, pieceMs: number, onStall: () => void): Upload {
  const close = () => undefined;
  if (content === undefined) return { body: null, size: 0, payload: EMPTY_SHA256, failure: undefined, close };
  if (content instanceof Uint8Array) {
    return {
      body: content,
      size: content.length,
      payload: hash('sha256', content),
      failure: undefined,
      close,
    };
  }
  const stream = content.open();
  const { size } = content;
  let failure: Error | undefined;
  const note = (error: Error) => {
    failure = error;
  };
  const body = Readable.from(pieces(stream, size, { pieceMs, onStall }, note), { objectMode: false });
  // A stream that is destroyed unread would raise an unhandled error.
  for (const each of [stream, body]) each.on('error', () => undefined);
  return {
    body,
    size,
    payload: content.sha256 ?? UNSIGNED,
    get failure() {
      return failure;
    },
    close() {
      body.destroy();
      stream.destroy();
    },
  };
}

/** @param onError called when the stream fails, or its size differs from the announced one */
async function* pieces(
  stream: Readable,
  size: number,
  { pieceMs, onStall }: { pieceMs: number; onStall: () => void },
  onError: (error: Error) => void,
): AsyncIterable<Uint8Array> {
  const timer = setTimeout(onStall, pieceMs);
  let sent = 0;
  try {
    for await (const piece of stream) {
      sent += piece.length;
      if (sent > size) break;
      yield piece;
      timer.refresh();
    }
    if (sent !== size)
      throw new Error(`the content has ${sent > size ? 'more' : 'fewer'} than ${size} bytes`);
  } catch (error) {
    onError(error instanceof Error ? error : new Error(String(error)));
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
