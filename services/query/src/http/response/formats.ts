import { rowCodec } from '@landfall/contracts/dataset/row-codec';
import { USERS } from '@landfall/contracts/dataset/users';
import { Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import type { SerializedChunk } from '../../serialize/serialized-chunk.ts';
import { type TextFormat, withoutFirstSeparator } from '../../serialize/text-format.ts';

/** The formats of rows: their media types, the text around the rows, and the text without any row. */
export const FORMATS: Record<TextFormat, { type: string; begin: string; end: string; empty: string }> = {
  json: { type: 'application/json; charset=utf-8', begin: '[', end: ']', empty: '[]' },
  /** A JSON object a line. */
  ndjson: { type: 'application/x-ndjson; charset=utf-8', begin: '', end: '\n', empty: '' },
  /** RFC 4180; a header comes before all of it. */
  csv: { type: 'text/csv; charset=utf-8; header=present', begin: '', end: '\n', empty: '' },
};

export type Format = TextFormat;

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
export function negotiateFormat(
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
 * @param pieces rows in this format, each with a separator before it; see `TEXT_FORMATS`
 * @param header of the CSV
 */
export async function* frameStream(
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
  format: Format,
  header = rowCodec(USERS).header,
): AsyncGenerator<Buffer> {
  const { start, end, empty } = framing(format, header);
  let isEmpty = true;
  for await (const piece of pieces) {
    yield isEmpty ? Buffer.concat([Buffer.from(start), withoutFirstSeparator(piece)]) : piece;
    isEmpty = false;
  }
  yield Buffer.from(isEmpty ? empty : end);
}

/** The same at once, in memory of its own: Node would take it from a pool, and that can't be given back (`freeBuffer.ts`). */
export function frameWhole(
  pieces: readonly Buffer[],
  format: Format,
  header = rowCodec(USERS).header,
): Buffer {
  const { start, end, empty } = framing(format, header);
  const [first, ...others] = pieces;
  if (!first) return Buffer.from(empty);
  const rows = [withoutFirstSeparator(first), ...others];
  const bytes = rows.reduce((sum, { length }) => sum + length, Buffer.byteLength(start + end));
  const text = Buffer.allocUnsafeSlow(bytes);
  let at = text.write(start);
  for (const piece of rows) at += piece.copy(text, at);
  text.write(end, at);
  return text;
}

/** What stands around rows, or instead of them, with the header that CSV has. */
function framing(format: Format, header: string): { start: string; end: string; empty: string } {
  const { begin, end, empty } = FORMATS[format];
  const top = format === 'csv' ? header : '';
  return { start: top + begin, end, empty: top + empty };
}

/** The texts of what is written. */
export async function* chunkTexts(pieces: AsyncIterable<SerializedChunk>): AsyncGenerator<Buffer> {
  for await (const { text } of pieces) yield text;
}
