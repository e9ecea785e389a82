/**
 * Characters at the start of a cell that make a spreadsheet read it as a formula. The last four are the full-width forms, which
 * some spreadsheets treat alike. A tab, CR or LF hides the character after it.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA_STARTS = '=+@\t\r\n＝＋－＠-';
/** Characters that require quotes in CSV. */
const QUOTED = '",\r\n';

const IS_FORMULA = new RegExp(`^[${FORMULA_STARTS}]`);

/** Text that a spreadsheet shows and does not execute: what begins like a formula gets a single quote before it. */
export const spreadsheetText = (text: string): string => (IS_FORMULA.test(text) ? `'${text}` : text);

/**
 * The same in SQL, as a cell of CSV with quotes where they are needed.
 *
 * @param text an SQL expression that gives text or null
 */
export function spreadsheetCellSql(text: string): string {
  const start = `iif(${text} GLOB '[${FORMULA_STARTS}]*', '''', '')`;
  const quoted = `'"' || ${start} || replace(${text}, '"', '""') || '"'`;
  return `iif(${text} GLOB '*[${QUOTED}]*', ${quoted}, ${start} || ${text})`;
}
