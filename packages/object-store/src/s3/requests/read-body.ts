import type { Readable } from 'node:stream';
import { asStoreError } from './errors.ts';

/**
 * Reads a whole body.
 *
 * @param maxBytes a longer body is an error
 */
export async function readBytes(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    pieces.push(piece);
    length += piece.length;
    if (length > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
  }
  const [only] = pieces;
  return pieces.length === 1 && only ? only : Buffer.concat(pieces);
}

/**
 * Maximum size of a listing page, bytes: 1,000 keys of 1,024 bytes, each byte an entity of 6, and 10 KB of other text
 * each.
 */
export const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** Reads the first bytes of a body. */
export async function readFirst(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    pieces.push(piece);
    length += piece.length;
    if (length >= maxBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, maxBytes);
}

/** Translates errors of a body to `StoreError`, including its timeouts. */
export function asObjectStream(body: Readable, name: string): Readable {
  const destroy = body._destroy;
  body._destroy = (error, done) =>
    destroy.call(body, error, (failure) => done(failure ? asStoreError(failure, name, true) : failure));
  return body;
}
