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
    return readRows(parse(text, { trim: true, skip_empty_lines: true }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { reason: 'malformed_csv', detail: error.message };
  }
}

/** @param size bytes */
export function tooLarge(size: number): Fault {
  return { reason: 'too_large', detail: `${size} bytes, ${MAX_RECORD_BYTES} are allowed` };
}

function readRows([header = [], row, ...more]: string[][]): Reading {
  const missing = COLUMNS.filter((column) => !header.includes(column));
  if (missing.length > 0) return { reason: 'missing_column', detail: `no column ${missing.join(', ')}` };
  const twice = COLUMNS.find((column) => header.indexOf(column) !== header.lastIndexOf(column));
  if (twice) return { reason: 'malformed_csv', detail: `the column ${twice} is there twice` };
  if (!row) return { reason: 'no_record', detail: 'a header and nothing below it' };
  if (more.length > 0)
    return { reason: 'several_records', detail: `${more.length + 1} records instead of one` };
  return readRow(header, row);
}

function readRow(header: string[], row: string[]): Reading {
  // Quoted values keep their blanks in csv-parse; around a name they mean nothing either.
  const value = (column: string) => (row[header.indexOf(column)] ?? '').trim();
  const [first_name, last_name, birthts] = [value('first_name'), value('last_name'), value('birthts')];
  const absent = COLUMNS.filter((column) => value(column) === '');
  if (absent.length > 0) return { reason: 'missing_value', detail: `no value for ${absent.join(', ')}` };
  if (!/^-?\d+$/.test(birthts)) {
    return { reason: 'invalid_birthts', detail: `${shown(birthts)} is no integer` };
  }
  if (Math.abs(Number(birthts)) > MAX_TIME) {
    return { reason: 'invalid_birthts', detail: `${shown(birthts)} is beyond what a date can be` };
  }
  return { first_name, last_name, birthts: Number(birthts) + 0 };
}

const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
