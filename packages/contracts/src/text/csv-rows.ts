/** Thrown when output.csv, a delta or rejects.csv has another format. */
export class DataSetFormatError extends Error {
  override name = 'DataSetFormatError';
}

const [QUOTE, COMMA, NEWLINE] = [0x22, 0x2c, 0x0a];

/**
 * Splits one line into its fields.
 *
 * @param line with its newline
 * @throws DataSetFormatError when it is not exactly one row
 */
export function splitRow(line: string): string[] {
  if (line.endsWith('\n')) {
    const { rows, end } = splitRows(line, 0);
    const [row] = rows;
    if (row && rows.length === 1 && end === line.length) return row;
  }
  throw new DataSetFormatError(`not one row: ${line}`);
}

/**
 * Splits a text into its rows.
 *
 * @param text ends with a newline
 * @param rowsBefore number of rows before the text
 * @returns the complete rows, and the position of the first incomplete one
 */
export function splitRows(text: string, rowsBefore: number): { rows: string[][]; end: number } {
  const rows: string[][] = [];
  let quote = text.indexOf('"');
  let at = 0;
  while (at < text.length) {
    const lineEnd = text.indexOf('\n', at);
    if (quote === -1 || lineEnd < quote) {
      rows.push(text.slice(at, lineEnd).split(','));
      at = lineEnd + 1;
      continue;
    }
    const quoted = splitQuotedRow(text, at, rowsBefore + rows.length);
    if (!quoted) break;
    rows.push(quoted.fields);
    at = quoted.end;
    quote = text.indexOf('"', at);
  }
  return { rows, end: at };
}

/** @returns undefined when the row is incomplete */
function splitQuotedRow(
  text: string,
  start: number,
  rowsBefore: number,
): { fields: string[]; end: number } | undefined {
  const fields: string[] = [];
  for (let at = start; ; at++) {
    // Loops, since regular expressions need a stack for many quotes.
    if (text.charCodeAt(at) === QUOTE) {
      const close = closingQuote(text, at + 1);
      if (close === -1) return undefined;
      fields.push(text.slice(at + 1, close).replace(/""/g, '"'));
      at = close + 1;
    } else {
      const end = endOfPlain(text, at);
      fields.push(text.slice(at, end));
      at = end;
    }
    const mark = text.charCodeAt(at);
    if (mark === NEWLINE) return { fields, end: at + 1 };
    if (mark !== COMMA) {
      throw new DataSetFormatError(`record ${rowsBefore}: a quote inside an unquoted value`);
    }
  }
}

/** @returns -1 when the quotes do not end */
function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start);
  while (at !== -1 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2);
  return at;
}

function endOfPlain(text: string, start: number): number {
  for (let at = start; ; at++) {
    const unit = text.charCodeAt(at);
    // The text ends with a newline.
    if (unit === COMMA || unit === NEWLINE || unit === QUOTE) return at;
  }
}
