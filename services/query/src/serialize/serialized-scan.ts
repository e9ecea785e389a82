import { ROWS_TABLE } from '../database/identifiers.ts';
import { type GenerationId, LIMIT_PARAMETER } from '../database/snapshot-reader.ts';
import { type Clause, validAt } from '../database/visibility.ts';
import { type Predicate, predicateSql } from '../filter/predicates.ts';
import { keysetScan, type ScanStep } from '../search/keyset-scan.ts';
import { firstWindow } from '../search/ordered-scan.ts';
import {
  ALL_ROWS,
  afterKey,
  fromKey,
  keySql,
  type RowSource,
  sqlOf,
  upToKey,
  valuesOf,
} from '../search/row-sql.ts';
import type { SplitPoints } from '../search/split-points.ts';
import { rowSerializers } from './row-serializer.ts';
import { PAGE_BYTES, type RowChunk, rowsPerChunk } from './serialized-chunk.ts';
import { joinRowsSql, TEXT_FORMATS, type TextFormat, withoutLastRow } from './text-format.ts';

/** A scan by ascending key. */
interface SerializedScan {
  at: GenerationId;
  predicates: readonly Predicate[];
  /** Rows examined per matching row, about. */
  rowsPerMatch: number;
  /** The key of the first row; undefined for the first row of all. */
  from: string | undefined;
  format: TextFormat;
  /** See `SerializedRowsQuery`. */
  limit: number;
}

/** A row that is examined and left out costs less than one that is written, so windows may be this much larger. */
const EXAMINED_PER_WRITTEN = 4;

/** Where the next read starts: at a key, or after it. */
interface KeyPosition {
  key: string | undefined;
  rows: Clause;
}

/**
 * Reads the matching rows in the order of their keys as chunks of text. SQLite joins the rows: a page is one value, and no row
 * becomes an object on the way.
 */
export function scanSerializedRows(
  source: RowSource,
  splitPoints: SplitPoints,
  scan: SerializedScan,
): AsyncGenerator<RowChunk> {
  const { reader, definition, scanLimits } = source;
  const { at, predicates, rowsPerMatch, from, limit } = scan;
  const max = scanLimits.window.max * EXAMINED_PER_WRITTEN;
  const test = predicateSql(predicates, 'test');
  let left = limit;
  let bytes = 0;
  let rowsPerRead = scanLimits.rowsPerRead;
  let window = firstWindow(rowsPerMatch, Math.min(limit, rowsPerRead), { min: scanLimits.window.min, max });

  function read(position: KeyPosition, maxRows: number): { found: Found; edge: string | undefined } {
    return reader.at(at, () => {
      const edge = predicates.length > 0 ? splitPoints.keyAfter(position.key, window) : undefined;
      const upTo = edge === undefined ? ALL_ROWS : upToKey(definition, edge);
      return { found: readChunk(source, scan, [position.rows, upTo, test, validAt(at)], maxRows), edge };
    });
  }

  function readStep(position: KeyPosition): ScanStep<RowChunk, KeyPosition> {
    // The row after the last one is the start of the next page.
    const maxRows = Math.min(left + 1, rowsPerRead);
    const { found, edge } = read(position, maxRows);
    // The first read does not know the size of the rows.
    if (found.rows > 1 && found.text.length > PAGE_BYTES) {
      rowsPerRead = rowsPerChunk(found.rows, found.text);
      return readStep(position);
    }
    if (found.rows > left) {
      const text = withoutLastRow(found.text, rowBytes(source, scan, found.last));
      return { item: { text, rows: left, next: found.last }, next: undefined };
    }
    const isFull = found.rows === maxRows;
    if (isFull) rowsPerRead = Math.min(rowsPerRead * 2, rowsPerChunk(found.rows, found.text));
    bytes += found.text.length;
    left = Number.isFinite(limit) && bytes > PAGE_BYTES ? 0 : left - found.rows;
    window = Math.min(window * 2, max);
    const last = isFull ? found.last : edge;
    return {
      item: found.rows > 0 ? { text: found.text, rows: found.rows, next: undefined } : undefined,
      next: last === undefined ? undefined : { key: last, rows: afterKey(definition, last) },
    };
  }

  const start = from === undefined ? ALL_ROWS : fromKey(definition, from);
  return keysetScan({ key: from, rows: start }, readStep);
}

interface Found {
  rows: number;
  /** The key of the last row. */
  last: string;
  text: RowChunk['text'];
}

function readChunk(
  { reader, definition }: RowSource,
  { format }: SerializedScan,
  where: readonly Clause[],
  maxRows: number,
): Found {
  const key = keySql(definition);
  const row = rowSerializers(definition)[TEXT_FORMATS[format].row];
  const [found] = reader.rows<[rows: number, last: string | null, text: Found['text'] | null]>(
    `SELECT count(*), max("__key"), ${joinRowsSql('"__text"', format)} FROM (
       SELECT ${key} AS "__key", ${row} AS "__text" FROM ${ROWS_TABLE}
       WHERE ${sqlOf(where)} ORDER BY ${key} LIMIT ${LIMIT_PARAMETER})`,
    ...valuesOf(where),
    maxRows,
  );
  const [rows = 0, last, text] = found ?? [];
  return { rows, last: last ?? '', text: text ?? Buffer.alloc(0) };
}

/** The length of one row's text, bytes. To read it for every row would take a fifth of a page's time. */
function rowBytes({ reader, definition }: RowSource, { at, format }: SerializedScan, key: string): number {
  const { sql, values } = validAt(at);
  const row = rowSerializers(definition)[TEXT_FORMATS[format].row];
  const [[bytes] = [0]] = reader.at(at, () =>
    reader.rows<[number]>(
      `SELECT octet_length(${row}) FROM ${ROWS_TABLE} WHERE ${keySql(definition)} = ? AND ${sql}`,
      key,
      ...values,
    ),
  );
  return bytes;
}
