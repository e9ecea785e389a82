import type { RowSource } from '../search/row-sql.ts';
import { type RowSelection, readRows } from '../search/rows.ts';
import { isKeyOrder } from '../search/sort-order.ts';
import type { SplitPoints } from '../search/split-points.ts';
import { rowSerializers } from './row-serializer.ts';
import { encodeUnpooled, PAGE_BYTES, type RowChunk, rowsPerChunk } from './serialized-chunk.ts';
import { scanSerializedRows } from './serialized-scan.ts';
import { joinRows, TEXT_FORMATS, type TextFormat } from './text-format.ts';

/** Which rows of which generation are read, and how they are written. */
export interface SerializedRowsQuery extends Omit<RowSelection, 'columns'> {
  format: TextFormat;
  /** The most rows; Infinity for all. A finite limit also bounds the size: fewer rows when they exceed `PAGE_BYTES`. */
  limit: number;
}

/**
 * Reads the matching rows of one generation, in order, as chunks of text.
 *
 * @throws ApiError generation_gone; bad_parameter when there is no row with the key `from`
 */
export async function* readSerializedRows(
  source: RowSource,
  splitPoints: SplitPoints,
  query: SerializedRowsQuery,
): AsyncGenerator<RowChunk> {
  const { accessPath, order, format, limit } = query;
  if (accessPath.kind === 'ordered-scan' && isKeyOrder(source.definition, order)) {
    yield* scanSerializedRows(source, splitPoints, { ...query, ...accessPath });
    return;
  }
  const isPage = Number.isFinite(limit);
  const maxRows = source.scanLimits.rowsPerRead;
  let left = limit;
  let bytes = 0;
  // The row after the last one is the start of the next page.
  let rowsPerRead = Math.min(maxRows, limit + 1);
  const selection = { ...query, columns: rowSerializers(source.definition)[TEXT_FORMATS[format].row] };
  const size = { rowsPerRead: () => rowsPerRead, maxSortedRows: limit + 1 };
  for await (const rows of readRows<[text: string]>(source, selection, size)) {
    const wanted = rows.slice(0, left).map(([, , text]) => text);
    const texts = isPage ? wanted.slice(0, countUntilFull(wanted, PAGE_BYTES - bytes)) : wanted;
    if (texts.length < wanted.length) left = texts.length;
    const next = rows[left]?.[1];
    left -= texts.length;
    if (texts.length > 0 || next !== undefined) {
      const text = encodeUnpooled(texts.length > 0 ? joinRows(texts, format) : '');
      // The size of the rows is known only after the first read.
      const fitting = texts.length > 0 ? rowsPerChunk(texts.length, text) : maxRows;
      bytes += text.length;
      if (isPage && bytes > PAGE_BYTES) left = 0;
      rowsPerRead = Math.min(maxRows, left + 1, fitting);
      yield { text, rows: texts.length, next };
    }
    if (next !== undefined) return;
  }
}

/** How many texts it takes to exceed `bytes`, at least one; all of them when they do not. Counts UTF-16 code units. */
function countUntilFull(texts: readonly string[], bytes: number): number {
  let sum = 0;
  const last = texts.findIndex(({ length }) => {
    sum += length;
    return sum > bytes;
  });
  return last === -1 ? texts.length : last + 1;
}
