/** How one row is written. */
export type RowFormat = 'json' | 'csv' | 'excel';

/**
 * How rows become text: the format of one row, and the separator of two rows. A separator stands before every row of a chunk,
 * the first one too, so chunks of one text are simply appended. `withoutFirstSeparator` removes the one at the text's start.
 */
export const TEXT_FORMATS = {
  json: { row: 'json', separator: ',' },
  ndjson: { row: 'json', separator: '\n' },
  csv: { row: 'csv', separator: '\n' },
  /** CSV that spreadsheets show and do not execute. */
  excel: { row: 'excel', separator: '\n' },
} as const satisfies Record<string, { row: RowFormat; separator: string }>;

export type TextFormat = keyof typeof TEXT_FORMATS;

/** Each separator has one byte. */
const SEPARATOR_BYTES = 1;

/** The rows of a chunk as one text. @param rows at least one */
export const joinRows = (rows: readonly string[], format: TextFormat): string => {
  const { separator } = TEXT_FORMATS[format];
  return separator + rows.join(separator);
};

/** The same in SQL: a blob of the texts of a column; null when there is no row. */
export const joinRowsSql = (column: string, format: TextFormat): string => {
  const separator = format === 'json' ? "','" : 'char(10)';
  return `CAST(${separator} || group_concat(${column}, ${separator}) AS BLOB)`;
};

/** A chunk without its last row. @param rowBytes length of the row without its separator, bytes */
export const withoutLastRow = (chunk: Buffer<ArrayBuffer>, rowBytes: number): Buffer<ArrayBuffer> =>
  chunk.subarray(0, chunk.length - rowBytes - SEPARATOR_BYTES);

/** The first chunk of a text as the text begins. */
export const withoutFirstSeparator = (chunk: Buffer): Buffer => chunk.subarray(SEPARATOR_BYTES);
