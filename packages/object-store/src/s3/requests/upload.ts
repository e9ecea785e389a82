import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ObjectContent } from '../../object-store.ts';
import { EMPTY_SHA256, UNSIGNED } from './signature.ts';

/** The body of one attempt of a request. */
export interface Upload {
  body: Uint8Array | Readable | null;
  /** Bytes. */
  size: number;
  /** The checksum that is signed. */
  payload: string;
  /** What was wrong with the content itself: another attempt would fail, too. */
  readonly failure: Error | undefined;
  /** Frees what was opened, sent or not. */
  close(): void;
}

/**
 * @param pieceMs the longest time between two pieces
 * @param onStall called when it has passed: the server does not take the next piece, or the content has none
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
  // Whatever is destroyed unread would throw its error at nobody.
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

/** @param onError called when the stream breaks off, or does not have the bytes that were announced */
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
