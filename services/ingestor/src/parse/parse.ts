import { isUtf8 } from 'node:buffer';
import { toNfc } from '@landfall/contracts/text/nfc';
import { CsvError, parse } from 'csv-parse/sync';
import type { Fault, Reading } from '../source/record.ts';
import { readPlainRecord } from './fast-path.ts';
import { faultAt, missingColumns, separatorHint } from './record-fault.ts';
import { isBlank, shown } from './visible-text.ts';

/** A record object may have this many bytes. */
export const MAX_RECORD_BYTES = 64 * 1024;

const COLUMNS = ['first_name', 'last_name', 'birthts'] as const;
/** What a JavaScript Date can hold, ms since 1970 UTC (ECMA-262, time values). */
const MAX_TIME = 8.64e15;
/** Of any file: some programs write `\r\r\n`, and count it as one line. The longest come first. */
const LINE_ENDS = ['\r\r\n', '\r\n', '\n', '\r'];
const NUL = '\0';
const decoder = new TextDecoder();

/**
 * Parses a record object: a header and one row. Blanks around values, a byte-order mark, CRLF, quotes, another
 * order of columns, more columns, empty lines and rows without any value are all fine. Whether the birth lies in the
 * future is not judged here: that depends on the clock.
 */
export function parseRecord(bytes: Uint8Array): Reading {
  if (bytes.length > MAX_RECORD_BYTES) return tooLarge(bytes.length);
  if (!isUtf8(bytes)) return { reason: 'not_utf8', detail: 'its bytes are not UTF-8' };
  const text = decoder.decode(bytes);
  return readPlainRecord(text) ?? parseText(text, bytes.length);
}

/**
 * Any record, by csv-parse.
 *
 * @param size of the text, bytes
 */
export function parseText(text: string, size: number): Reading {
  if (text.trim() === '') return { reason: 'empty', detail: `nothing in ${size} bytes` };
  if (isUtf16(text)) {
    return { reason: 'not_utf8', detail: 'every second byte is NUL: it seems to be UTF-16' };
  }
  const table = openTable();
  try {
    parse(text, {
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      record_delimiter: LINE_ENDS,
      on_record(values: string[], { lines }) {
        table.add({ values, line: lines });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return malformed(error);
  }
  return table.read() ?? { reason: 'empty', detail: `no value in ${size} bytes` };
}

/** @param size bytes */
export function tooLarge(size: number): Fault {
  return { reason: 'too_large', detail: `${size} bytes, ${MAX_RECORD_BYTES} are allowed` };
}

/** Characters in which UTF-16 shows: those of a header are ASCII. */
const UTF16_SAMPLE = 16;

/** Whether bytes that are valid UTF-8 are UTF-16 without a byte-order mark. */
function isUtf16(text: string): boolean {
  const sample = text.slice(0, UTF16_SAMPLE);
  return /^(?:[^\0]\0)+[^\0]?$/.test(sample) || /^(?:\0[^\0])+\0?$/.test(sample);
}

/** A row of the file, and the line on which it ends. */
interface Row {
  values: string[];
  line: number;
}

/** Gathers the rows of a file: the first with a value is the header, others without a value are empty lines. */
function openTable() {
  const rows: Row[] = [];
  let header: Row | undefined;
  /** A row that has the header's commas and no value. */
  let hollow: Row | undefined;
  let withNul: Fault | undefined;

  return {
    add(row: Row): void {
      const { values, line } = row;
      const column = values.findIndex((value) => value.includes(NUL));
      if (column !== -1) {
        withNul ??= faultAt('malformed_csv', { line, column }, 'a NUL character (U+0000)');
      } else if (values.every(isBlank)) {
        if (values.length === header?.values.length) hollow ??= row;
      } else if (header) rows.push(row);
      else header = row;
    },
    /** @returns undefined when no row has a value */
    read(): Reading | undefined {
      if (withNul) return withNul;
      if (!header) return undefined;
      return headerFault(header) ?? readRows(header, rows.length > 0 ? rows : hollow ? [hollow] : []);
    },
  };
}

function headerFault({ values: names, line }: Row): Fault | undefined {
  const missing = COLUMNS.filter((column) => !names.includes(column));
  if (missing.length > 0) return faultAt('missing_column', { line }, missingColumns(missing, names));
  const twice = COLUMNS.find((column) => names.indexOf(column) !== names.lastIndexOf(column));
  if (!twice) return undefined;
  return faultAt('malformed_csv', { line, column: names.lastIndexOf(twice) }, `${twice} is there twice`);
}

function readRows({ values: names, line }: Row, rows: readonly Row[]): Reading {
  const uneven = rows.find(({ values }) => values.length !== names.length);
  if (uneven) {
    const count = `the header has ${names.length} values, here are ${uneven.values.length}`;
    return faultAt('malformed_csv', { line: uneven.line }, count + separatorHint(uneven.values));
  }
  const [row, second] = rows;
  if (!row) return faultAt('no_record', { line }, 'a header and nothing below it');
  if (second) {
    return faultAt('several_records', { line: second.line }, `${rows.length} records instead of one`);
  }
  return readRow(names, row);
}

function readRow(names: string[], { values, line }: Row): Reading {
  // Quoted values keep their blanks in csv-parse; around a name they mean nothing either.
  const value = (column: string) => (values[names.indexOf(column)] ?? '').trim();
  const [first_name, last_name, birthts] = [value('first_name'), value('last_name'), value('birthts')];
  const [absent, ...others] = COLUMNS.filter((column) => isBlank(value(column)));
  if (absent) {
    const what = `no value for ${[absent, ...others].join(', ')}`;
    return faultAt('missing_value', { line, column: names.indexOf(absent) }, what);
  }
  const at = { line, column: names.indexOf('birthts') };
  if (!/^-?\d+$/.test(birthts)) return faultAt('invalid_birthts', at, `${shown(birthts)} is no integer`);
  if (Math.abs(Number(birthts)) > MAX_TIME) {
    return faultAt('invalid_birthts', at, `${shown(birthts)} is beyond what a date can be`);
  }
  return { first_name: toNfc(first_name), last_name: toNfc(last_name), birthts: Number(birthts) + 0 };
}

/** What csv-parse found wrong, without the places in its own words: it counts columns from 0. */
function malformed({ code, message, ...where }: CsvError): Fault {
  const [line, column] = [Number(where.lines), Number(where.column)];
  return faultAt('malformed_csv', { line, column }, QUOTE_FAULTS[code] ?? message);
}

const QUOTE_FAULTS: Partial<Record<CsvError['code'], string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote that is not closed',
  INVALID_OPENING_QUOTE: 'a quote within a value that is not quoted',
  CSV_INVALID_CLOSING_QUOTE: 'something after a closing quote',
};
