import { csvLine } from './csv-line.ts';
import { maxRowBytes, readTable } from './csv-reader.ts';
import type { Definition } from './definition.ts';
import { type Reject, type RejectReason, rejectColumns, rejectReasons } from './reject.ts';

/** The first line of rejects.csv. */
export const rejectsHeader = (definition: Definition): string => csvLine(rejectColumns(definition));

/** One line of rejects.csv, with its `\n`. */
export const formatReject = ({ key, id, reason, detail, since, kept_previous }: Reject): string =>
  csvLine([key, id, reason, detail, since, String(kept_previous)]);

/** An ISO 8601 time in UTC, as JavaScript's Date writes it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/**
 * Reads rejects.csv, many rows at a time, in the file's order.
 *
 * @throws DataSetFormatError when a row or the header is not what `formatReject` writes
 */
export function readRejects(
  definition: Definition,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Reject[]> {
  const reasons = new Set<string>(rejectReasons(definition));
  const isReason = (text: string): text is RejectReason => reasons.has(text);
  const [columns, maxBytes] = [rejectColumns(definition), maxRowBytes(definition)];
  return readTable(bytes, { columns, maxBytes }, (fields) => {
    const [key = '', id = '', reason = '', detail = '', since = '', kept] = fields;
    if (!isReason(reason) || !TIME.test(since)) return undefined;
    return { key, id, reason, detail, since, kept_previous: kept === 'true' };
  });
}
