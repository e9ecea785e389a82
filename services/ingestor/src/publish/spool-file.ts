import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { asUnusable } from '@landfall/state-file/unusable';
import type { CsvChunk } from '../catalog/rows.ts';

/** A local file that is uploaded later. The store needs its size and checksum before the upload. */
export interface SpooledFile {
  file: string;
  /** Bytes. */
  size: number;
  /** Hex. */
  sha256: string;
  /** Lines below the header. */
  rows: number;
}

/** Approximate size of a chunk of text, in characters. */
const CHUNK_LENGTH = 256 * 1024;

/**
 * Writes a file chunk by chunk.
 *
 * @throws UnusableStateError if the folder or its disk does not allow it
 */
export async function spoolFile(file: string, chunks: AsyncIterable<CsvChunk>): Promise<SpooledFile> {
  try {
    return await writeAndHash(file, chunks);
  } catch (error) {
    throw asUnusable(error, path.dirname(file));
  }
}

async function writeAndHash(file: string, chunks: AsyncIterable<CsvChunk>): Promise<SpooledFile> {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  const hash = createHash('sha256');
  const handle = await fs.promises.open(file, 'w');
  const spooled = { file, size: 0, rows: 0 };
  try {
    for await (const { bytes, rows } of chunks) {
      hash.update(bytes);
      await handle.writeFile(bytes);
      spooled.size += bytes.length;
      spooled.rows += rows;
    }
  } finally {
    await handle.close();
  }
  return { ...spooled, sha256: hash.digest('hex') };
}

/** Formats a header and pages of rows as chunks of CSV. */
export async function* csvChunks<Row>(
  header: string,
  pages: AsyncIterable<readonly Row[]>,
  formatLine: (row: Row) => string,
): AsyncIterable<CsvChunk> {
  let text = header;
  let rows = 0;
  for await (const page of pages) {
    for (const row of page) text += formatLine(row);
    rows += page.length;
    if (text.length < CHUNK_LENGTH) continue;
    yield { bytes: Buffer.from(text), rows };
    [text, rows] = ['', 0];
  }
  yield { bytes: Buffer.from(text), rows };
}
