import { outputHeader } from '@landfall/contracts/data-set-csv';
import { Type } from 'typebox';
import { ApiError } from './problems.ts';

/** The formats of rows: their media types, and what stands around, between and behind the rows. */
export const FORMATS = {
  json: { type: 'application/json; charset=utf-8', begin: '[', between: ',', end: ']' },
  /** A JSON object a line. */
  ndjson: { type: 'application/x-ndjson; charset=utf-8', begin: '', between: '\n', end: '\n' },
  /** RFC 4180; the lines have their ends already. */
  csv: { type: 'text/csv; charset=utf-8; header=present', begin: '', between: '', end: '' },
} as const;

export type Format = keyof typeof FORMATS;

/** The query parameter, for a route that has these. */
export const formatParameter = (...formats: Format[]) =>
  Type.Optional(Type.Enum(formats, { description: 'instead of the header Accept' }));

/** The media type of a format, without its parameters. */
export const mediaType = (format: Format): string => FORMATS[format].type.split(';')[0] ?? '';

/** What a request says about formats. */
interface Accepting {
  types: (types: string[]) => string | string[] | false;
}

/**
 * The format of an answer: the one that is asked for by name, else the best by Accept (RFC 9110, 12.5.1).
 *
 * @param available the first one is for those who don't mind
 * @throws ApiError not_acceptable
 */
export function formatFor(
  request: Accepting,
  named: Format | undefined,
  available: readonly Format[],
): Format {
  if (named) return named;
  const accepted = request.types(available.map(mediaType));
  const format = available.find((each) => mediaType(each) === accepted);
  if (format) return format;
  const types = available.map(mediaType).join(', ');
  throw new ApiError('not_acceptable', `The header Accept allows none of ${types}.`);
}

/**
 * Rows as the text of an answer, in pieces.
 *
 * @param pages each row as it is written in this format
 * @param header of the CSV
 */
export async function* textOf(
  pages: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
  format: Format,
  header = outputHeader(),
): AsyncGenerator<string> {
  const { begin, between, end } = FORMATS[format];
  let before: string = format === 'csv' ? header : begin;
  let isEmpty = true;
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    yield before + rows.join(between);
    before = between;
    isEmpty = false;
  }
  if (!isEmpty) yield end;
  else yield format === 'ndjson' ? '' : before + end;
}
