import { isUtf8 } from 'node:buffer';
import {
  type Definition,
  hasJsonRecords,
  headerOf,
  maxRecordBytes,
} from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';
import { oncePer } from '@landfall/contracts/once-per';
import { readText } from '@landfall/contracts/values/read-text';
import { CsvError, parse } from 'csv-parse/sync';
import type { Fault, Reading } from '../source/record.ts';
import { plainRecordReader } from './fast-path.ts';
import { jsonRecordReader } from './json-record.ts';
import { missingTest } from './missing-value.ts';
import { faultAt, missingColumns, separatorHint } from './record-fault.ts';
import { isBlank, shown } from './visible-text.ts';

/** Line ends of any file, the longest first. Some programs write `\r\r\n` and count it as one line. */
const LINE_ENDS = ['\r\r\n', '\r\n', '\n', '\r'];
const NUL = '\0';
const decoder = new TextDecoder();

/** Parses the record objects of one definition. */
export interface RecordParser {
  /**
   * Parses a record object: a CSV file with a header and one row, or a JSON file with one object. In CSV, blanks around values, a
   * byte-order mark, CRLF, quotes, another order of columns, additional columns, empty lines and rows without values are allowed.
   * Whether a timestamp is in the future is checked later, since it depends on the clock.
   */
  parse: (bytes: Uint8Array) => Reading;
  /**
   * Parses any record without the fast path for plain CSV.
   *
   * @param size of the text, bytes
   */
  parseText: (text: string, size: number) => Reading;
}

/** Returns the parser of a definition's records. It is made once per definition. */
export const recordParser = oncePer((definition: Definition): RecordParser => {
  const isJson = hasJsonRecords(definition);
  const readPlain = isJson ? () => undefined : plainRecordReader(definition);
  const json = isJson ? jsonRecordReader(definition) : undefined;
  const parser: RecordParser = {
    parse(bytes) {
      if (bytes.length > maxRecordBytes(definition)) return tooLarge(definition, bytes.length);
      if (!isUtf8(bytes)) return { reason: 'not_utf8', detail: 'the bytes are not UTF-8' };
      const text = decoder.decode(bytes);
      return readPlain(text) ?? parser.parseText(text, bytes.length);
    },
    parseText: (text, size) =>
      faultOfText(text, size) ?? (json ? json.read(text) : readCsv(definition, text, size)),
  };
  return parser;
});

function faultOfText(text: string, size: number): Fault | undefined {
  if (text.trim() === '') return { reason: 'empty', detail: `no text in ${size} bytes` };
  if (!isUtf16(text)) return undefined;
  return { reason: 'not_utf8', detail: 'every second byte is NUL: probably UTF-16' };
}

function readCsv(definition: Definition, text: string, size: number): Reading {
  const table = openTable(definition);
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

/** Returns the fault of a record that is too large. @param size bytes */
export function tooLarge(definition: Definition, size: number): Fault {
  return { reason: 'too_large', detail: `${size} bytes; the maximum is ${maxRecordBytes(definition)}` };
}

/** Characters to check for UTF-16: those of a header are ASCII. */
const UTF16_SAMPLE = 16;

/** Whether a text is UTF-16 without a byte-order mark, read as UTF-8. */
function isUtf16(text: string): boolean {
  const sample = text.slice(0, UTF16_SAMPLE);
  return /^(?:[^\0]\0)+[^\0]?$/.test(sample) || /^(?:\0[^\0])+\0?$/.test(sample);
}

/** A row of the file and the line on which it ends. */
interface Row {
  values: string[];
  line: number;
}

/** Collects the rows of a file. The first row with a value is the header; other rows without values count as empty lines. */
function openTable(definition: Definition) {
  const rows: Row[] = [];
  let header: Row | undefined;
  /** A row with the header's number of columns and no value. */
  let emptyRow: Row | undefined;
  let withNul: Fault | undefined;

  return {
    add(row: Row): void {
      const { values, line } = row;
      const column = values.findIndex((value) => value.includes(NUL));
      if (column !== -1) {
        withNul ??= faultAt('malformed_csv', { line, column }, 'a NUL character (U+0000)');
      } else if (values.every(isBlank)) {
        if (values.length === header?.values.length) emptyRow ??= row;
      } else if (header) rows.push(row);
      else header = row;
    },
    /** @returns undefined when no row has a value */
    read(): Reading | undefined {
      if (withNul) return withNul;
      if (!header) return undefined;
      return (
        headerFault(definition, header) ??
        readRows(definition, header, rows.length > 0 ? rows : emptyRow ? [emptyRow] : [])
      );
    },
  };
}

function headerFault({ fields: all }: Definition, { values: names, line }: Row): Fault | undefined {
  const columns = all.map(headerOf);
  const required = all.filter(({ optional }) => !optional).map(headerOf);
  const missing = required.filter((column) => !names.includes(column));
  if (missing.length > 0) return faultAt('missing_column', { line }, missingColumns(missing, names));
  const twice = columns.find((column) => names.indexOf(column) !== names.lastIndexOf(column));
  if (!twice) return undefined;
  return faultAt('malformed_csv', { line, column: names.lastIndexOf(twice) }, `${twice} occurs twice`);
}

function readRows(definition: Definition, { values: names, line }: Row, rows: readonly Row[]): Reading {
  const uneven = rows.find(({ values }) => values.length !== names.length);
  if (uneven) {
    const count = `${uneven.values.length} values, but the header has ${names.length}`;
    return faultAt('malformed_csv', { line: uneven.line }, count + separatorHint(uneven.values));
  }
  const [row, second] = rows;
  if (!row) return faultAt('no_record', { line }, 'a header without a row');
  if (second) {
    return faultAt('several_records', { line: second.line }, `${rows.length} rows instead of one`);
  }
  return readRow(definition, names, row);
}

function readRow(definition: Definition, names: string[], { values, line }: Row): Reading {
  const { fields } = definition;
  const isMissing = missingTest(definition);
  // csv-parse keeps the blanks in quoted values; they have no meaning there either.
  const textOf = (column: string) => (values[names.indexOf(column)] ?? '').trim();
  const [absent, ...others] = fields
    .filter((field) => !field.optional && isMissing(textOf(headerOf(field))))
    .map(headerOf);
  if (absent) {
    const what = `no value for ${[absent, ...others].join(', ')}`;
    return faultAt('missing_value', { line, column: names.indexOf(absent) }, what);
  }
  const record: Record<string, Value> = {};
  for (const field of fields) {
    const header = headerOf(field);
    const text = textOf(header);
    if (isMissing(text)) {
      record[field.name] = null;
      continue;
    }
    const value = readText(field, text);
    if (typeof value === 'object') {
      const at = { line, column: names.indexOf(header) };
      return faultAt(`invalid_${field.name}`, at, `${shown(text)} ${value.problem}`);
    }
    record[field.name] = value;
  }
  return record;
}

/** Translates an error of csv-parse. Its message is not used when it has positions, since it counts columns from 0. */
function malformed({ code, message, ...where }: CsvError): Fault {
  const [line, column] = [Number(where.lines), Number(where.column)];
  return faultAt('malformed_csv', { line, column }, QUOTE_FAULTS[code] ?? message);
}

const QUOTE_FAULTS: Partial<Record<CsvError['code'], string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is not closed',
  INVALID_OPENING_QUOTE: 'a quote inside an unquoted value',
  CSV_INVALID_CLOSING_QUOTE: 'text after a closing quote',
};
