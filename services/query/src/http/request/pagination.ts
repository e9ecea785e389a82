import { ApiError } from '../../errors/api-error.ts';
import type { Cursor } from './cursor.ts';
import { decodeCursor } from './cursor.ts';

type Query = Readonly<Record<string, unknown>>;

/** What makes no other question: how the answer comes, and how much of it. */
const ABOUT_THE_ANSWER = new Set(['limit', 'cursor', 'count', 'format', 'generation', 'min_generation']);
/** What a cursor says already, or what holds for one request alone. */
const NOT_IN_A_LINK = new Set(['cursor', 'generation', 'min_generation']);

/** Which users are asked for, and in which order: the same text for the same question. */
export const canonicalQuery = (query: Query): string =>
  JSON.stringify(
    Object.entries(query)
      .filter(([name]) => !ABOUT_THE_ANSWER.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** The value of a Link header (RFC 8288) that leads to the next page of the same answer; its target is a path. */
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
 * The cursor of a request, when it has one.
 *
 * @param question as `canonicalQuery` has it
 * @throws ApiError bad_parameter when it was not given out for this question, or contradicts `generation`
 */
export function readPageCursor(
  query: Query & { cursor?: string; generation?: number },
  question: string,
): Cursor | undefined {
  if (query.cursor === undefined) return undefined;
  const cursor = decodeCursor(query.cursor, question);
  if (!cursor) throw badCursor('is none that was given out for these parameters');
  if (query.generation !== undefined && query.generation !== cursor.generation) {
    throw badCursor(`is of generation ${cursor.generation}, not of ${query.generation}`);
  }
  return cursor;
}

function badCursor(fault: string): ApiError {
  return new ApiError('bad_parameter', `cursor ${fault}`, { parameters: ['cursor'] });
}
