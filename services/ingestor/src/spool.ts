import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** A file written on the way to the store, so that its size and checksum are known before it is put. */
export interface Spooled {
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

/** Writes a header and a line for each row, holding one chunk in memory. */
export async function spool<Row>(
  file: string,
  header: string,
  pages: AsyncIterable<readonly Row[]>,
  lineOf: (row: Row) => string,
): Promise<Spooled> {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  const hash = createHash('sha256');
  const handle = await fs.promises.open(file, 'w');
  const spooled = { file, size: 0, rows: 0 };
  const write = async (text: string) => {
    const bytes = Buffer.from(text);
    hash.update(bytes);
    await handle.writeFile(bytes);
    spooled.size += bytes.length;
  };
  try {
    let text = header;
    for await (const rows of pages) {
      for (const row of rows) text += lineOf(row);
      spooled.rows += rows.length;
      if (text.length < CHUNK) continue;
      await write(text);
      text = '';
    }
    await write(text);
  } finally {
    await handle.close();
  }
  return { ...spooled, sha256: hash.digest('hex') };
}
