import { ApiError } from '../../errors/api-error.ts';
import type { Cursor } from './cursor.ts';
import { decodeCursor } from './cursor.ts';

type Query = Readonly<Record<string, unknown>>;

/** Parameters that change neither which rows match nor their order. */
const NOT_IN_CANONICAL_QUERY = new Set([
  'limit',
  'cursor',
  'count',
  'format',
  'excel',
  'generation',
  'min_generation',
]);
/** Parameters that the cursor replaces, or that apply to one request only. */
const NOT_IN_A_LINK = new Set(['cursor', 'generation', 'min_generation']);

/** The filter and the order of a request as text: requests with the same rows in the same order have the same text. */
export const canonicalQuery = (query: Query): string =>
  JSON.stringify(
    Object.entries(query)
      .filter(([name]) => !NOT_IN_CANONICAL_QUERY.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** The value of the header `Link` for the next page (RFC 8288). Its target is a path. */
export function nextPageLink(path: string, query: Query, cursor: string): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (NOT_IN_A_LINK.has(name)) continue;
    for (const each of [value].flat()) parameters.append(name, String(each));
  }
  parameters.append('cursor', cursor);
  return `<${path}?${parameters}>; rel="next"`;
}

/**
 * Reads the parameter `cursor`.
 *
 * @param canonical the request's `canonicalQuery`
 * @throws ApiError bad_parameter when the cursor belongs to another query, or contradicts `generation`
 */
export function readPageCursor(
  query: Query & { cursor?: string; generation?: number },
  canonical: string,
): Cursor | undefined {
  if (query.cursor === undefined) return undefined;
  const cursor = decodeCursor(query.cursor, canonical);
  if (!cursor) throw badCursorError('does not belong to these parameters; take it from the header Link');
  if (query.generation !== undefined && query.generation !== cursor.generation) {
    throw badCursorError(`is of generation ${cursor.generation}, not of ${query.generation}`);
  }
  return cursor;
}

function badCursorError(problem: string): ApiError {
  return new ApiError('bad_parameter', `cursor ${problem}`, { parameters: ['cursor'] });
}
