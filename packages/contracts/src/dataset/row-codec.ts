import { oncePer } from '../once-per.ts';
import { DataSetFormatError, splitRow } from '../text/csv-rows.ts';
import { csvLine } from './csv-line.ts';
import { maxRowBytes, readTable } from './csv-reader.ts';
import { columnNames, type Definition, deltaColumnNames, keyColumn } from './definition.ts';
import type { Row, RowOf } from './row.ts';
import { generateRowFunctions } from './row-functions.ts';

/** A row as it is now; without `row`, it was removed. */
export interface RowChange<R extends Row = Row> {
  id: string;
  row: R | undefined;
}

/** Reads and writes the rows of one data set as CSV: output.csv, its snapshots and its deltas. */
export interface RowCodec<R extends Row = Row> {
  /** The first line of output.csv. */
  header: string;
  /** One line of output.csv, with its `\n`. The same row always gives the same bytes. */
  formatRow: (row: Row) => string;
  /** The line without its `\n` when some value needs quotes; otherwise null. */
  quotedLine: (row: Row) => string | null;
  /**
   * The row of a line of output.csv.
   *
   * @throws DataSetFormatError when `formatRow` does not write such a line
   */
  parseRow: (line: string) => R;
  /** Whether two rows of one id have the same values. */
  isSameRow: (a: Row, b: Row) => boolean;
  /**
   * Reads output.csv, many rows at a time, in the file's order.
   *
   * @throws DataSetFormatError when a row or the header is not as this codec writes it
   */
  readOutput: (bytes: AsyncIterable<Uint8Array>) => AsyncGenerator<R[]>;
  /** The first line of a delta. */
  deltaHeader: string;
  /** One line of a delta, with its `\n`: `put` and the row, or `remove` and the id alone. */
  formatChange: (change: RowChange) => string;
  /**
   * Reads a delta, many rows at a time, in the file's order.
   *
   * @throws DataSetFormatError when a row or the header is not as this codec writes it
   */
  readDelta: (bytes: AsyncIterable<Uint8Array>) => AsyncGenerator<RowChange<R>[]>;
}

const codecOf = oncePer(makeRowCodec);

/** The codec of a definition. It is made once per definition. */
export function rowCodec<const D extends Definition>(definition: D): RowCodec<RowOf<D>>;
export function rowCodec(definition: Definition): RowCodec {
  return codecOf(definition);
}

function makeRowCodec(definition: Definition): RowCodec {
  const columns = columnNames(definition);
  const deltaColumns = deltaColumnNames(definition);
  const maxBytes = maxRowBytes(definition);
  const key = keyColumn(definition);
  const { fromFields, toFields, join, needsQuotes, isSame } = generateRowFunctions(definition);
  /** Matches a line of as many values, none of which needs quotes. */
  const plain = new RegExp(`^(?:[^",\\r\\n]*,){${columns.length - 1}}[^",\\r\\n]*$`);
  const noValues = columns.slice(1).map(() => '');

  /** The values with commas between; null when one of them needs quotes. */
  function plainLine(row: Row): string | null {
    const line = join(row);
    return plain.test(line) ? line : null;
  }

  function formatRow(row: Row): string {
    const line = plainLine(row);
    return line === null ? csvLine(toFields(row)) : `${line}\n`;
  }

  return {
    header: csvLine(columns),
    formatRow,
    quotedLine: (row) => (needsQuotes(row) ? csvLine(toFields(row)).slice(0, -1) : null),
    parseRow(line) {
      const fields = splitRow(line);
      const row = fields.length === columns.length ? fromFields(fields, 0) : undefined;
      if (!row) throw new DataSetFormatError(`no line of output.csv: ${line}`);
      return row;
    },
    isSameRow: isSame,
    readOutput: (bytes) => readTable(bytes, { columns, maxBytes }, (fields) => fromFields(fields, 0)),
    deltaHeader: csvLine(deltaColumns),
    formatChange: ({ id, row }) => (row ? `put,${formatRow(row)}` : csvLine(['remove', id, ...noValues])),
    readDelta: (bytes) =>
      readTable(bytes, { columns: deltaColumns, maxBytes }, (fields) => {
        const [change, id = ''] = fields;
        if (change === 'remove') return { id, row: undefined };
        const row = change === 'put' ? fromFields(fields, 1) : undefined;
        return row && { id: String(row[key]), row };
      }),
  };
}
