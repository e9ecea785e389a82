/** A field with one of these is quoted. A bare CR is among them, since some readers take it for the end of the line. */
export const NEEDS_QUOTES = /[",\r\n]/;

/** One line of CSV with its `\n` (RFC 4180, but for the line's end). */
export const csvLine = (fields: readonly string[]): string => `${fields.map(field).join(',')}\n`;

const field = (text: string): string => (NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
