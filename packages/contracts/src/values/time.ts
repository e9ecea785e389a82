import type { TimeField } from '../dataset/definition.ts';
import type { Value } from '../dataset/row.ts';

/** The range of a JavaScript Date, ms since 1970 UTC (ECMA-262, time values). */
const MAX_TIME_MS = 8.64e15;
const MS_PER_S = 1_000;

/** The highest timestamp that a field can have, in its unit: ms or s. */
export const maxTime = (unit: 'ms' | 's'): number => (unit === 's' ? MAX_TIME_MS / MS_PER_S : MAX_TIME_MS);

/** The instant of a stored value, ms since 1970 UTC. The instant of a day is its begin. */
export function instantOf(field: TimeField, value: Value): number {
  if (typeof value === 'string') return Date.parse(value);
  return field.type === 'timestamp' && field.unit === 's' ? Number(value) * MS_PER_S : Number(value);
}

/** Days that are stored as text have the years 0000 to 9999. */
const [FIRST_TEXT_MS, END_OF_TEXT_MS] = [Date.parse('0000-01-01'), Date.parse('+010000-01-01')];
/** The end of the year 9999: as text, too, it is after all times before. */
const AFTER_EVERY_TEXT = '9999-12-31T24:00:00.000Z';

/**
 * An instant as a stored value, to compare others with: for a date, its UTC day.
 *
 * @param ms since 1970 UTC
 */
export function storedTime(field: TimeField, ms: number): string | number {
  if (field.type === 'timestamp' && field.unit !== 'iso') return field.unit === 's' ? ms / MS_PER_S : ms;
  if (ms >= END_OF_TEXT_MS) return AFTER_EVERY_TEXT;
  const text = new Date(Math.max(ms, FIRST_TEXT_MS)).toISOString();
  return field.type === 'date' ? text.slice(0, 'YYYY-MM-DD'.length) : text;
}
