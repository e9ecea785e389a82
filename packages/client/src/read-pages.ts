import { type Api, readAnswer } from './api-answer.ts';
import type { Page, RowQuery } from './api-shapes.ts';

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
 * @throws LandfallError `generation_gone` when the generation was dropped before the last page: start again
 */
export async function* readPages(
  api: Api,
  query: RowQuery,
  { limit = DEFAULT_LIMIT, signal }: PageOptions,
): AsyncGenerator<Page> {
  let cursor: string | undefined;
  do {
    const page = { ...query, limit, ...(cursor === undefined ? {} : { cursor }) };
    const answer = await api.GET('/data', { params: { query: page }, signal: signal ?? null });
    const { data, generation } = readAnswer(answer);
    yield { generation, rows: data };
    cursor = nextCursor(answer.response);
  } while (cursor !== undefined);
}

/** The cursor in the address of the next page; undefined on the last page. */
function nextCursor({ headers, url }: Response): string | undefined {
  const target = /<([^>]+)>; *rel="next"/.exec(headers.get('link') ?? '')?.[1];
  if (target === undefined) return undefined;
  return new URL(target, url).searchParams.get('cursor') ?? undefined;
}
