import { type Api, readAnswer } from './api-answer.ts';
import type { Page, RowQuery } from './api-shapes.ts';
import { unexpectedAnswer } from './landfall-error.ts';

/** Options of an iteration. */
export interface PageOptions {
  /** Rows per page, 1 to 10,000. A page with long rows may have fewer. Default: 1,000. */
  limit?: number;
  signal?: AbortSignal;
}

const DEFAULT_LIMIT = 1_000;

/**
 * Reads all pages of a query, one request per page. They come from one generation: the newest at the first page, or `generation` of the
 * query.
 *
 * @throws LandfallError `generation_gone` when the generation was dropped before the last page: start again; `unexpected_answer`, also when
 *   a page is of another generation
 */
export async function* readPages(
  api: Api,
  query: RowQuery,
  { limit = DEFAULT_LIMIT, signal }: PageOptions,
): AsyncGenerator<Page> {
  let cursor: string | undefined;
  let first: number | undefined;
  do {
    const page = { ...query, limit, ...(cursor === undefined ? {} : { cursor }) };
    const request = api.GET('/data', { params: { query: page }, signal: signal ?? null });
    const { data, generation, response } = await readAnswer(request);
    first ??= generation;
    if (generation !== first) {
      const detail = `A page is of generation ${generation}, the pages before it are of ${first}.`;
      throw unexpectedAnswer(response.status, detail);
    }
    yield { generation, rows: data };
    cursor = nextCursor(response);
  } while (cursor !== undefined);
}

/** The cursor in the address of the next page; undefined on the last page. */
function nextCursor({ headers, status }: Response): string | undefined {
  const target = /<([^>]+)>; *rel="next"/.exec(headers.get('link') ?? '')?.[1];
  if (target === undefined) return undefined;
  // Only the query is read: an answer that a `fetch` of your own makes has no URL to resolve a relative address against.
  const query = /\?([^#]*)/.exec(target)?.[1];
  const cursor = new URLSearchParams(query).get('cursor');
  if (cursor === null) throw unexpectedAnswer(status, 'The address of the next page has no cursor.');
  return cursor;
}
