import { joinRows, type TextFormat } from './text-format.ts';

/** Rows as text; see `TEXT_FORMATS`. */
export interface SerializedChunk {
  /** Shares its memory with nothing else, so that it can be transferred to another thread. */
  text: Buffer<ArrayBuffer>;
}

/** Rows as text, and where the text continues. */
export interface RowChunk extends SerializedChunk {
  rows: number;
  /** The key of the next row, when the read ends here because of its limit; otherwise undefined. */
  next: string | undefined;
}

/** Target size of a chunk, bytes. Reading that much takes 1 to 2 ms. */
const CHUNK_BYTES = 200_000;

/** How many rows fit into a chunk when they are as large as these; at least one. */
export const rowsPerChunk = (rows: number, { length }: Buffer): number =>
  Math.max(1, Math.floor((CHUNK_BYTES * rows) / length));

/**
 * A page ends after the chunk that makes it longer than this, bytes. The page is held in memory, and values may be long.
 * 10,000 ordinary rows are a quarter of it.
 */
export const PAGE_BYTES = 4 * 1024 * 1024;

const UTF_8 = new TextEncoder();

/** Encodes text into memory of its own. `Buffer.from(text)` would take it from a shared pool. */
export const encodeUnpooled = (text: string): Buffer<ArrayBuffer> => Buffer.from(UTF_8.encode(text).buffer);

/** @param rows at least one */
export const serializeChunk = (rows: readonly string[], format: TextFormat): SerializedChunk => ({
  text: encodeUnpooled(joinRows(rows, format)),
});
