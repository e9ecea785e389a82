import { type Definition, keyColumn } from '@landfall/contracts/dataset/definition';
import type { Reject } from '@landfall/contracts/dataset/reject';
import { formatReject } from '@landfall/contracts/dataset/reject-codec';
import { REJECT_COLUMNS, REJECTS_TABLE, VALID_FROM } from '../database/identifiers.ts';
import { type GenerationId, LIMIT_PARAMETER } from '../database/snapshot-reader.ts';
import { validAt } from '../database/visibility.ts';
import { keysetScan } from '../search/keyset-scan.ts';
import type { RowSource } from '../search/row-sql.ts';
import { rowsPerChunk, type SerializedChunk, serializeChunk } from './serialized-chunk.ts';
import { spreadsheetText } from './spreadsheet-text.ts';
import { type RowFormat, TEXT_FORMATS, type TextFormat } from './text-format.ts';

/** Which rejects are read, and how they are written. */
export interface RejectsQuery {
  at: GenerationId;
  format: TextFormat;
  /** The most rejects; Infinity for all. */
  limit: number;
}

type StoredReject = [
  validFrom: number,
  key: string,
  id: string,
  reason: Reject['reason'],
  detail: string,
  since: string,
  keptPrevious: 0 | 1,
];
type Position = [key: string, validFrom: number];

/**
 * Reads the rejects of one generation by ascending key, as chunks of text.
 *
 * @throws ApiError generation_gone
 */
export function readSerializedRejects(
  { reader, definition, scanLimits }: RowSource,
  { at, format, limit }: RejectsQuery,
): AsyncGenerator<SerializedChunk> {
  const valid = validAt(at);
  const sql = `SELECT ${VALID_FROM}, ${REJECT_COLUMNS.join()} FROM ${REJECTS_TABLE}
    WHERE (key, ${VALID_FROM}) > (?, ?) AND ${valid.sql} ORDER BY key, ${VALID_FROM} LIMIT ${LIMIT_PARAMETER}`;
  const textOf = rejectSerializer(definition, TEXT_FORMATS[format].row);
  let left = limit;
  let rowsPerRead = scanLimits.rowsPerRead;
  const start: Position = ['', 0];
  return keysetScan(start, (position) => {
    const count = Math.min(left, rowsPerRead);
    const rejects = reader.at(at, () => reader.rows<StoredReject>(sql, ...position, ...valid.values, count));
    const item = rejects.length > 0 ? serializeChunk(rejects.map(textOf), format) : undefined;
    if (item) rowsPerRead = Math.min(scanLimits.rowsPerRead, rowsPerChunk(rejects.length, item.text));
    left -= rejects.length;
    const last = rejects.length === count && left > 0 ? rejects.at(-1) : undefined;
    const next: Position | undefined = last && [last[1], last[0]];
    return { item, next };
  });
}

function rejectSerializer(definition: Definition, format: RowFormat): (reject: StoredReject) => string {
  const keyName = keyColumn(definition);
  if (format === 'csv') return (reject) => formatReject(rejectOf(reject)).slice(0, -1);
  if (format === 'excel') return (reject) => formatReject(spreadsheetReject(rejectOf(reject))).slice(0, -1);
  return (reject) => {
    const { key, id, reason, detail, since, kept_previous } = rejectOf(reject);
    return JSON.stringify({ key, [keyName]: id, reason, detail, since, kept_previous });
  };
}

const spreadsheetReject = (reject: Reject): Reject => ({
  ...reject,
  key: spreadsheetText(reject.key),
  id: spreadsheetText(reject.id),
  detail: spreadsheetText(reject.detail),
});

const rejectOf = ([, key, id, reason, detail, since, kept]: StoredReject): Reject => ({
  ...{ key, id, reason, detail, since },
  kept_previous: kept === 1,
});
