import type { Definition } from '@landfall/contracts/dataset/definition';
import { type RowChange, rowCodec } from '@landfall/contracts/dataset/row-codec';
import type { StateFile } from '@landfall/state-file/state-file';
import type { SourceObject } from '../source/source-object.ts';
import { openPackedTable } from './storage/packed-table.ts';
import { openWriteBuffer } from './storage/write-buffer.ts';

/** A row of the data set. */
export interface CatalogRow {
  rowId: string;
  /** Its line of output.csv. */
  line: string;
  /** The version of the record object that it was read from (`formatRecordVersion`); null if unknown. */
  recordVersion: string | null;
}

/** Part of output.csv. */
export interface CsvChunk {
  bytes: Uint8Array;
  /** The number of lines in it, without the header. */
  rows: number;
}

/** A version of a record object, as text. */
export const formatRecordVersion = ({ key, etag, size }: SourceObject): string => `${etag} ${size} ${key}`;

/** The key of the record object of a version. */
const recordKeyOf = (version: string): string =>
  version.slice(version.indexOf(' ', version.indexOf(' ') + 1) + 1);

/** Packs per chunk of output.csv, some hundred KB; between two chunks the event loop runs other work. */
const PAGE_PACKS = 64;

type Columns = [rowCount: number, lines: string, versions: string];

/** The catalog's table of rows: packs of lines of output.csv, with the record version of each line. */
export function openRowsTable(db: StateFile, definition: Definition) {
  const codec = rowCodec(definition);
  const table = openPackedTable<CatalogRow, Columns>(db, {
    table: 'packed_rows',
    columns: ['row_count', 'lines', 'versions'],
    keyOf: ({ rowId }) => rowId,
    pack: packRows,
    unpack: unpackRows,
  });
  // Reads the lines as bytes: decoding and encoding them takes three times as long as hashing and writing them.
  const linesAfter = db.prepare<[string, number], { first_key: string; rows: number; bytes: Uint8Array }>(
    `SELECT first_key, row_count AS rows, CAST(lines AS BLOB) AS bytes FROM packed_rows
     WHERE first_key > ? ORDER BY first_key LIMIT ?`,
  );
  const count = db.prepare<[], number>('SELECT coalesce(sum(row_count), 0) FROM packed_rows').pluck();

  return {
    row: table.get,
    rowCount: (): number => count.get() ?? 0,
    /** Writes rows in byte order of their ids. Call `flush` at the end. */
    rowWriter() {
      const buffer = openWriteBuffer(table.write);
      return {
        put: (row: CatalogRow): void => buffer.put(row.rowId, row),
        remove: (rowId: string): void => buffer.remove(rowId),
        flush: buffer.flush,
      };
    },
    *rowIds(): Iterable<string> {
      for (let pack = table.packAfter(''); pack.length > 0; ) {
        yield* pack.map(({ rowId }) => rowId);
        pack = table.packAfter(pack.at(-1)?.rowId ?? '');
      }
    },
    /** output.csv in chunks, so that the connection is free between two chunks. */
    async *output(): AsyncIterable<CsvChunk> {
      yield { rows: 0, bytes: Buffer.from(codec.header) };
      for (let page = linesAfter.all('', PAGE_PACKS); page.length > 0; ) {
        yield {
          rows: page.reduce((sum, { rows }) => sum + rows, 0),
          bytes: Buffer.concat(page.map(({ bytes }) => bytes)),
        };
        await new Promise(setImmediate);
        page = linesAfter.all(page.at(-1)?.first_key ?? '', PAGE_PACKS);
      }
    },
    /** The current state of a row, for a delta. */
    rowChange(rowId: string): RowChange {
      const found = table.get(rowId);
      return { id: rowId, row: found && codec.parseRow(found.line) };
    },
    /** Keys of record objects that were read successfully, from the first and the last pack. Some may be removed by now. */
    sampleRecordKeys(): string[] {
      const [first, last] = [table.packAfter(''), table.lastPack()];
      const sample = [first[0], last.at(-1), ...first, ...last].flatMap((row) => row?.recordVersion ?? []);
      return [...new Set(sample.map(recordKeyOf))];
    },
    clearRows: table.clear,
    dropRowCache: table.dropCache,
  };
}

function packRows(rows: readonly CatalogRow[]): Columns {
  let lines = '';
  const versions: (string | number | null)[] = [];
  for (const { rowId, line, recordVersion } of rows) {
    lines += line;
    versions.push(rowId, line.length, recordVersion);
  }
  return [rows.length, lines, JSON.stringify(versions)];
}

function unpackRows([, lines, text]: Columns): CatalogRow[] {
  const versions = JSON.parse(text);
  const rows: CatalogRow[] = [];
  let end = 0;
  for (let i = 0; i < versions.length; i += 3) {
    const start = end;
    end += versions[i + 1];
    rows.push({ rowId: versions[i], line: lines.slice(start, end), recordVersion: versions[i + 2] });
  }
  return rows;
}
