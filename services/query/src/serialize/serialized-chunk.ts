/** Rows as the text of an answer, in memory of its own, so that it can be handed to another thread. */
export interface Written {
  /** What stands between two rows stands before each piece but the first, too: so all pieces are one text. */
  text: Buffer<ArrayBuffer>;
}

/** What a piece should have at most, bytes: to read it takes a millisecond or two. */
export const PIECE_BYTES = 200_000;

/** Of rows as large as the last ones, how many make a piece of at most `PIECE_BYTES`; at least one. */
export const rowsThatFit = (rows: number, { length }: Buffer): number =>
  Math.max(1, Math.floor((PIECE_BYTES * rows) / length));

/**
 * A page ends after the piece that makes it longer than this, bytes: it is held in memory, and values may be long. 10,000
 * ordinary users are a quarter of it.
 */
export const PAGE_BYTES = 4 * 1024 * 1024;

const UTF_8 = new TextEncoder();

/** Text as bytes that share their memory with nothing else: Node would take those of a Buffer from a pool. */
export const bytesOf = (text: string): Buffer<ArrayBuffer> => Buffer.from(UTF_8.encode(text).buffer);

/** @param texts at least one row */
export const written = (texts: readonly string[], between: string, isFirst: boolean): Written => ({
  text: bytesOf((isFirst ? '' : between) + texts.join(between)),
});
