/** Rows that are read at a time: between two reads other work gets its turn. */
export const PAGE = 2_000;

/**
 * Rows in their order, a page at a time, so that the connection is free in between.
 *
 * @param pageAfter the next `PAGE` rows behind one, or the first ones
 */
export async function* rowPages<Row, As>(
  pageAfter: (last: Row | undefined) => Row[],
  as: (row: Row) => As,
): AsyncIterable<readonly As[]> {
  let last: Row | undefined;
  for (;;) {
    const page = pageAfter(last);
    if (page.length > 0) yield page.map(as);
    last = page.at(-1);
    if (page.length < PAGE) return;
    await new Promise(setImmediate);
  }
}
