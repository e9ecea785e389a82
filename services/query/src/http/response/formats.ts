import { Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import { TEXT_FORMATS, type TextFormat, withoutFirstSeparator } from '../../serialize/text-format.ts';

export type Format = TextFormat;

/** The formats that a request can name. `excel` is CSV with `excel=true`. */
export type NamedFormat = Exclude<Format, 'excel'>;

const CSV = { type: 'text/csv; charset=utf-8; header=present', prefix: '', suffix: '\n', empty: '' };

/** The response formats: the media type, the text around the rows, and the text when there are no rows. */
export const FORMATS: Readonly<
  Record<Format, { type: string; prefix: string; suffix: string; empty: string }>
> = {
  json: { type: 'application/json; charset=utf-8', prefix: '[', suffix: ']', empty: '[]' },
  /** One JSON object per line. */
  ndjson: { type: 'application/x-ndjson; charset=utf-8', prefix: '', suffix: '\n', empty: '' },
  /** RFC 4180. A header line comes first, also without rows. */
  csv: CSV,
  excel: CSV,
};

/** The query parameter of a route that has these formats. */
export const formatParameter = (...formats: NamedFormat[]) =>
  Type.Optional(Type.Enum(formats, { description: 'overrides the header `Accept`' }));

/** The query parameter `excel` of a route that answers CSV. */
export const excelParameter = Type.Optional(
  Type.Boolean({
    description:
      '`true`, with CSV: for spreadsheets. Text that begins like a formula gets a single quote before it, and the answer begins ' +
      'with a byte-order mark',
  }),
);

/** The media type of a format, without its parameters. */
export const mediaType = (format: Format): string => FORMATS[format].type.split(';')[0] ?? '';

/** The part of a request that says which media types it accepts. */
interface Accepting {
  types: (types: string[]) => string | string[] | false;
}

/**
 * The format of a response: the one that the parameter names, or else the best one by `Accept`.
 *
 * @param available the first one is the default
 * @throws ApiError not_acceptable
 * @see RFC 9110, 12.5.1
 */
export function negotiateFormat(
  request: Accepting,
  named: NamedFormat | undefined,
  available: readonly NamedFormat[],
): NamedFormat {
  if (named) return named;
  const accepted = request.types(available.map(mediaType));
  const format = available.find((each) => mediaType(each) === accepted);
  if (format) return format;
  const types = available.map(mediaType).join(', ');
  throw new ApiError('not_acceptable', `The header Accept allows none of ${types}.`);
}

/**
 * The same for a route with the parameter `excel`.
 *
 * @throws ApiError not_acceptable; bad_parameter when `excel` is true and the format is not CSV
 */
export function negotiateTable(
  request: Accepting,
  { format: named, excel }: { format?: NamedFormat; excel?: boolean },
  available: readonly NamedFormat[],
): Format {
  const format = negotiateFormat(request, named, available);
  if (!excel) return format;
  if (format === 'csv') return 'excel';
  const detail = `excel=true needs format=csv, but the format is ${format}`;
  throw new ApiError('bad_parameter', detail, { parameters: ['excel', 'format'] });
}

/**
 * Puts the text of a format around serialized rows.
 *
 * @param chunks serialized rows, each with a separator before it; see `TEXT_FORMATS`
 * @param csvHeader the first line of the CSV, with its `\n`
 */
export async function* frameStream(
  chunks: AsyncIterable<{ text: Buffer }>,
  format: Format,
  csvHeader: string,
): AsyncGenerator<Buffer> {
  const { start, end, empty } = framing(format, csvHeader);
  let isEmpty = true;
  for await (const { text } of chunks) {
    yield isEmpty ? Buffer.concat([Buffer.from(start), withoutFirstSeparator(text)]) : text;
    isEmpty = false;
  }
  yield Buffer.from(isEmpty ? empty : end);
}

/**
 * The same for rows that are all in memory.
 *
 * @returns a buffer with memory of its own, which `freeBuffer` can free; memory of Node's pool it cannot
 */
export function frameWhole(chunks: readonly Buffer[], format: Format, csvHeader: string): Buffer {
  const { start, end, empty } = framing(format, csvHeader);
  const [first, ...others] = chunks;
  if (!first) return Buffer.from(empty);
  const rows = [withoutFirstSeparator(first), ...others];
  const bytes = rows.reduce((sum, { length }) => sum + length, Buffer.byteLength(start + end));
  const text = Buffer.allocUnsafeSlow(bytes);
  let at = text.write(start);
  for (const chunk of rows) at += chunk.copy(text, at);
  text.write(end, at);
  return text;
}

/** Without it, Excel does not read UTF-8. */
const BYTE_ORDER_MARK = '\ufeff';

/** The text before and after the rows, and the text when there are no rows. */
function framing(format: Format, csvHeader: string): { start: string; end: string; empty: string } {
  const { prefix, suffix, empty } = FORMATS[format];
  const header = { json: '', csv: csvHeader, excel: BYTE_ORDER_MARK + csvHeader }[TEXT_FORMATS[format].row];
  return { start: header + prefix, end: suffix, empty: header + empty };
}
