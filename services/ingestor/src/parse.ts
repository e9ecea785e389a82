import { isUtf8 } from 'node:buffer';
import type { RejectReason } from '@landfall/contracts/reject';
import { CsvError, parse } from 'csv-parse/sync';
import { readPlainRecord } from './plain-record.ts';

/** What a good record object says. */
export interface RecordValues {
  first_name: string;
  last_name: string;
  /** Ms since 1970 UTC. */
  birthts: number;
}

/** What is wrong with a record object. */
export interface Fault {
  reason: RejectReason;
  detail: string;
}

/** What came of reading a record object. */
export type Reading = RecordValues | Fault;

export const isFault = (reading: Reading): reading is Fault => 'reason' in reading;

/** A record object may have this many bytes. */
export const MAX_RECORD_BYTES = 64 * 1024;

const COLUMNS = ['first_name', 'last_name', 'birthts'] as const;
/** What a JavaScript Date can hold, ms since 1970 UTC (ECMA-262, time values). */
const MAX_TIME = 8.64e15;
const decoder = new TextDecoder();

/**
 * Parses a record object: a header and one row. Blanks around values, a byte-order mark, CRLF, quotes, another
 * order of columns, more columns and empty lines are all fine. Whether the birth lies in the future is not
 * judged here: that depends on the clock.
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
  try {
    const rows: Row[] = [];
    parse(text, {
      trim: true,
      skip_empty_lines: true,
      on_record(values: string[], { lines }) {
        rows.push({ values, line: lines });
        return null;
      },
    });
    return readRows(rows);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return malformed(error);
  }
}

/** @param size bytes */
export function tooLarge(size: number): Fault {
  return { reason: 'too_large', detail: `${size} bytes, ${MAX_RECORD_BYTES} are allowed` };
}

/** A row of the file, and the line on which it ends. */
interface Row {
  values: string[];
  line: number;
}

function readRows([header = { values: [], line: 1 }, row, ...more]: Row[]): Reading {
  const { values: names, line } = header;
  const missing = COLUMNS.filter((column) => !names.includes(column));
  if (missing.length > 0) return fault('missing_column', { line }, `there is no ${missing.join(', ')}`);
  const twice = COLUMNS.find((column) => names.indexOf(column) !== names.lastIndexOf(column));
  if (twice) {
    return fault('malformed_csv', { line, column: names.lastIndexOf(twice) }, `${twice} is there twice`);
  }
  if (!row) return fault('no_record', { line }, 'a header and nothing below it');
  if (more[0]) {
    return fault('several_records', { line: more[0].line }, `${more.length + 1} records instead of one`);
  }
  return readRow(names, row);
}

function readRow(names: string[], { values, line }: Row): Reading {
  // Quoted values keep their blanks in csv-parse; around a name they mean nothing either.
  const value = (column: string) => (values[names.indexOf(column)] ?? '').trim();
  const [first_name, last_name, birthts] = [value('first_name'), value('last_name'), value('birthts')];
  const [absent, ...others] = COLUMNS.filter((column) => value(column) === '');
  if (absent) {
    const what = `no value for ${[absent, ...others].join(', ')}`;
    return fault('missing_value', { line, column: names.indexOf(absent) }, what);
  }
  const at = { line, column: names.indexOf('birthts') };
  if (!/^-?\d+$/.test(birthts)) return fault('invalid_birthts', at, `${shown(birthts)} is no integer`);
  if (Math.abs(Number(birthts)) > MAX_TIME) {
    return fault('invalid_birthts', at, `${shown(birthts)} is beyond what a date can be`);
  }
  return { first_name, last_name, birthts: Number(birthts) + 0 };
}

/** A fault and where it is; `column` counts from 0, as arrays do, and is told from 1. */
function fault(
  reason: RejectReason,
  { line, column }: { line: number; column?: number },
  what: string,
): Fault {
  const where = column === undefined ? `line ${line}` : `line ${line}, column ${column + 1}`;
  return { reason, detail: `${where}: ${what}` };
}

/** What csv-parse found wrong, without the places in its own words: it counts columns from 0. */
function malformed({ code, message, ...where }: CsvError): Fault {
  const [line, column] = [Number(where.lines), Number(where.column)];
  if (code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    return fault(
      'malformed_csv',
      { line },
      `as many values as the header has are wanted, here are ${column}`,
    );
  }
  return fault('malformed_csv', { line, column }, QUOTE_FAULTS[code] ?? message);
}

const QUOTE_FAULTS: Partial<Record<CsvError['code'], string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote that is not closed',
  INVALID_OPENING_QUOTE: 'a quote within a value that is not quoted',
  CSV_INVALID_CLOSING_QUOTE: 'something after a closing quote',
};

const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
