import { isUtf8 } from 'node:buffer';
import type { Definition, Field } from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';
import { toNfc } from '@landfall/contracts/text/nfc';
import { CsvError, parse } from 'csv-parse/sync';
import type { Fault, Reading } from '../source/record.ts';
import { plainRecordReader } from './fast-path.ts';
import { faultAt, missingColumns, separatorHint } from './record-fault.ts';
import { isBlank, shown } from './visible-text.ts';

/** Maximum size of a record object, bytes. */
export const MAX_RECORD_BYTES = 64 * 1024;

/** The range of a JavaScript Date, ms since 1970 UTC (ECMA-262, time values). */
const MAX_TIME = 8.64e15;
/** Line ends of any file, the longest first. Some programs write `\r\r\n` and count it as one line. */
const LINE_ENDS = ['\r\r\n', '\r\n', '\n', '\r'];
const NUL = '\0';
const decoder = new TextDecoder();

/** Parses the record objects of one definition. */
export interface RecordParser {
  /**
   * Parses a record object: a header and one row. Blanks around values, a byte-order mark, CRLF, quotes, another order of
   * columns, additional columns, empty lines and rows without values are allowed. Whether a timestamp is in the future is
   * checked later, since it depends on the clock.
   */
  parse: (bytes: Uint8Array) => Reading;
  /**
   * Parses any record with csv-parse, without the fast path.
   *
   * @param size of the text, bytes
   */
  parseText: (text: string, size: number) => Reading;
}

const parsers = new WeakMap<Definition, RecordParser>();

/** Returns the parser of a definition's records. It is made once per definition. */
export function recordParser(definition: Definition): RecordParser {
  const known = parsers.get(definition);
  if (known) return known;
  const readPlain = plainRecordReader(definition);
  const parser: RecordParser = {
    parse(bytes) {
      if (bytes.length > MAX_RECORD_BYTES) return tooLarge(bytes.length);
      if (!isUtf8(bytes)) return { reason: 'not_utf8', detail: 'the bytes are not UTF-8' };
      const text = decoder.decode(bytes);
      return readPlain(text) ?? parser.parseText(text, bytes.length);
    },
    parseText: (text, size) => parseText(definition, text, size),
  };
  parsers.set(definition, parser);
  return parser;
}

function parseText(definition: Definition, text: string, size: number): Reading {
  if (text.trim() === '') return { reason: 'empty', detail: `no text in ${size} bytes` };
  if (isUtf16(text)) {
    return { reason: 'not_utf8', detail: 'every second byte is NUL: probably UTF-16' };
  }
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
export function tooLarge(size: number): Fault {
  return { reason: 'too_large', detail: `${size} bytes; the maximum is ${MAX_RECORD_BYTES}` };
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

function headerFault({ fields }: Definition, { values: names, line }: Row): Fault | undefined {
  const columns = fields.map(({ name }) => name);
  const missing = columns.filter((column) => !names.includes(column));
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

function readRow({ fields }: Definition, names: string[], { values, line }: Row): Reading {
  // csv-parse keeps the blanks in quoted values; they have no meaning there either.
  const textOf = (column: string) => (values[names.indexOf(column)] ?? '').trim();
  const [absent, ...others] = fields.map(({ name }) => name).filter((name) => isBlank(textOf(name)));
  if (absent) {
    const what = `no value for ${[absent, ...others].join(', ')}`;
    return faultAt('missing_value', { line, column: names.indexOf(absent) }, what);
  }
  const record: Record<string, Value> = {};
  for (const field of fields) {
    const text = textOf(field.name);
    const problem = problemWith(field, text);
    if (problem !== undefined) {
      const at = { line, column: names.indexOf(field.name) };
      return faultAt(`invalid_${field.name}`, at, `${shown(text)} ${problem}`);
    }
    // `+ 0` makes -0 of "-0" a 0.
    record[field.name] = field.type === 'timestamp' ? Number(text) + 0 : toNfc(text);
  }
  return record;
}

/** @returns undefined when the text is a value of the field */
function problemWith({ type }: Field, text: string): string | undefined {
  if (type === 'string') return undefined;
  if (!/^-?\d+$/.test(text)) return 'is not an integer';
  return Math.abs(Number(text)) > MAX_TIME ? 'is outside the range of dates' : undefined;
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
