import type { Readable } from 'node:stream';
import { asStoreError } from './errors.ts';

/**
 * The whole of a body.
 *
 * @param maxBytes more than that is an error: a server could send for ever
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

/** Bytes of a page of a listing: 1,000 keys of 1,024 bytes, each byte as a reference of 6, and 10 KB beside each. */
export const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** The first bytes of a body; what follows is not read. */
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

/** Makes a body's own errors errors of the port. A deadline between two pieces is the body's own. */
export function asObjectStream(body: Readable, name: string): Readable {
  const destroy = body._destroy;
  body._destroy = (error, done) =>
    destroy.call(body, error, (failure) => done(failure ? asStoreError(failure, name, true) : failure));
  return body;
}
