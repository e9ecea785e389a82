import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { asUnusable } from '@landfall/state-file/unusable';
import type { CsvChunk } from '../catalog/rows.ts';

/** A file written on the way to the store, so that its size and checksum are known before it is put. */
export interface SpooledFile {
  file: string;
  /** Bytes. */
  size: number;
  /** Hex. */
  sha256: string;
  /** Lines below the header. */
  rows: number;
}

/** Text is gathered to chunks of about this many characters. */
const CHUNK = 256 * 1024;

/**
 * Writes a file, holding one chunk in memory.
 *
 * @throws UnusableStateError when the folder or its disk does not allow it
 */
export async function spool(file: string, chunks: AsyncIterable<CsvChunk>): Promise<SpooledFile> {
  try {
    return await write(file, chunks);
  } catch (error) {
    throw asUnusable(error, path.dirname(file));
  }
}

async function write(file: string, chunks: AsyncIterable<CsvChunk>): Promise<SpooledFile> {
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

/** A header and a line for each row. */
export async function* csvChunks<Row>(
  header: string,
  pages: AsyncIterable<readonly Row[]>,
  lineOf: (row: Row) => string,
): AsyncIterable<CsvChunk> {
  let text = header;
  let rows = 0;
  for await (const page of pages) {
    for (const row of page) text += lineOf(row);
    rows += page.length;
    if (text.length < CHUNK) continue;
    yield { bytes: Buffer.from(text), rows };
    [text, rows] = ['', 0];
  }
  yield { bytes: Buffer.from(text), rows };
}
