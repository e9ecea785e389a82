import type { Writable } from 'node:stream';
import { freeBuffer } from './free-buffer.ts';

/**
 * Writes chunks at the pace of the reader: the next one is requested when the last one was written, and its memory is freed.
 * When the reader disconnects, the source is ended.
 *
 * @param chunks no other code may use them
 * @throws the error of the source; `out` is destroyed, so that the reader sees an incomplete response
 */
export async function writeWithBackpressure(chunks: AsyncIterable<Buffer>, out: Writable): Promise<void> {
  const closed = new Promise<false>((resolve) => out.once('close', () => resolve(false)));
  try {
    for await (const chunk of chunks) {
      if (out.closed) return;
      const isWritten = await Promise.race([write(out, chunk), closed]);
      if (!isWritten) return;
      freeBuffer(chunk);
    }
    out.end();
  } catch (error) {
    out.destroy();
    throw error;
  }
}

/** @returns false when the write failed because the reader disconnected */
const write = (out: Writable, chunk: Buffer): Promise<boolean> =>
  new Promise((resolve) => {
    out.write(chunk, (error) => resolve(!error));
  });
