import type { Writable } from 'node:stream';
import { freeBuffer } from './free-buffer.ts';

/**
 * Writes texts at the pace of whoever reads them: the next one is taken when the last one is on its way, and its memory
 * is given back. When the reader goes, the source is ended.
 *
 * @param texts nobody else needs them any more
 * @throws whatever the source fails with; the reader is cut off then, and so sees that this is not all
 */
export async function writeWithBackpressure(texts: AsyncIterable<Buffer>, out: Writable): Promise<void> {
  const closed = new Promise<false>((resolve) => out.once('close', () => resolve(false)));
  try {
    for await (const text of texts) {
      if (out.closed) return;
      const isWritten = await Promise.race([written(out, text), closed]);
      if (!isWritten) return;
      freeBuffer(text);
    }
    out.end();
  } catch (error) {
    out.destroy();
    throw error;
  }
}

/** @returns false when it never will be: the reader has gone */
const written = (out: Writable, text: Buffer): Promise<boolean> =>
  new Promise((resolve) => {
    out.write(text, (error) => resolve(!error));
  });
