/**
 * Characters at the start of a cell that make a spreadsheet read it as a formula. The last four are the full-width forms, which
 * some spreadsheets treat alike. A tab, CR or LF hides the character after it.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA_STARTS = '=+@\t\r\n＝＋－＠-';
/** Characters that require quotes in CSV, or with another separator than the comma. */
const QUOTED = '",;\t\r\n';

/**
 * Characters at which some spreadsheets end a cell inside a text: with a semicolon or a tab as separator, the quotes of a cell with
 * commas are in the middle of a cell, and have no meaning.
 */
const SEPARATORS = ';\t\r\n';
/** What makes a formula after a separator, also behind a quote that the next cell would begin with. */
const HIDDEN_STARTS = '"=+@＝＋－＠-';

const IS_FORMULA = new RegExp(`^[${FORMULA_STARTS}]`);
const HIDDEN_FORMULA = new RegExp(`[${SEPARATORS}](?=[${HIDDEN_STARTS}])`, 'g');

/**
 * Text that a spreadsheet shows and does not execute: what begins like a formula, also after a separator, gets a single quote
 * before it.
 */
export const spreadsheetText = (text: string): string =>
  (IS_FORMULA.test(text) ? `'${text}` : text).replace(HIDDEN_FORMULA, "$&'");

/**
 * The same in SQL, as a cell of CSV with quotes where they are needed.
 *
 * @param text an SQL expression that gives text or null
 */
export function spreadsheetCellSql(text: string): string {
  const start = `iif(${text} GLOB '[${FORMULA_STARTS}]*', '''', '')`;
  const content = `iif(${text} GLOB '*[${SEPARATORS}][${HIDDEN_STARTS}]*', ${exposedSql(text)}, ${text})`;
  const quoted = `'"' || ${start} || replace(${content}, '"', '""') || '"'`;
  return `iif(${text} GLOB '*[${QUOTED}]*', ${quoted}, ${start} || ${text})`;
}

/** SQLite has no regular expressions: one `replace` per pair of characters. */
function exposedSql(text: string): string {
  const pairs = [...SEPARATORS].flatMap((separator) =>
    [...HIDDEN_STARTS].map((start) => [separator, start] as const),
  );
  return pairs.reduce(
    (sql, [separator, start]) => `replace(${sql}, '${separator}${start}', '${separator}''${start}')`,
    text,
  );
}
