/** Rows per page; between two pages the event loop runs other work. */
export const PAGE_ROWS = 2_000;

/**
 * Reads a query page by page, so that the connection is free between two pages.
 *
 * @param pageAfter returns the next `PAGE_ROWS` rows after a row, or the first ones
 * @param convert called for each row
 */
export async function* readPages<Row, Result>(
  pageAfter: (last: Row | undefined) => Row[],
  convert: (row: Row) => Result,
): AsyncIterable<readonly Result[]> {
  let last: Row | undefined;
  for (;;) {
    const page = pageAfter(last);
    if (page.length > 0) yield page.map(convert);
    last = page.at(-1);
    if (page.length < PAGE_ROWS) return;
    await new Promise(setImmediate);
  }
}
