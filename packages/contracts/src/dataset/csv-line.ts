import { stringify } from 'csv-stringify/sync';

/** A field with one of these is quoted. A bare CR is among them, since some readers take it for the end of the line. */
const NEEDS_QUOTES = /[",\r\n]/;

/** One line of CSV with its `\n` (RFC 4180, but for the line's end). */
export function csvLine(fields: readonly string[]): string {
  // csv-stringify costs 10 µs a line; it is needed only where something has to be quoted.
  if (!fields.some((field) => NEEDS_QUOTES.test(field))) return `${fields.join(',')}\n`;
  return stringify([[...fields]], { quoted_match: NEEDS_QUOTES });
}
