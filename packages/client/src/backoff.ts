/** Wait before the first repetition, ms. It doubles with each failure in a row. */
const FIRST_MS = 500;

/** The three forms of a date in HTTP. `Date.parse` alone reads nearly anything, for example `1.5`. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w :-]+$/;

/** How long to wait before a repetition, ms. @param failures in a row before this one @param maxMs the longest wait */
export const backoffMs = (failures: number, maxMs: number): number =>
  Math.min(FIRST_MS * 2 ** failures, maxMs);

/**
 * Ms that an answer asks to wait, in `Retry-After`: whole seconds, or a date. undefined when there is none, or when it is neither. It is not
 * bounded: 0 for a date in the past, and more than a timer can wait for a large number.
 *
 * @see RFC 9110, 10.2.3 and 5.6.7
 */
export function retryAfterMs({ headers }: Response): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  if (!HTTP_DATE.test(value)) return undefined;
  // The form of C's asctime() names no zone. It is UTC as well.
  const ms = Date.parse(value.endsWith(' GMT') ? value : `${value} GMT`) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
