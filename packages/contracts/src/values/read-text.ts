import type { DecimalField, Field, IntegerField, TimestampField } from '../dataset/definition.ts';
import { toNfc } from '../text/nfc.ts';
import { parseDecimal } from './decimal.ts';
import { storedRange } from './stored-range.ts';
import { maxTime } from './time.ts';

/** Why a text is not a value of a field, as the end of a sentence that begins with the text. */
export interface Problem {
  problem: string;
}

/**
 * Reads the text of a value in a CSV record: the stored value, or why there is none.
 *
 * @param text without blanks around it, not empty
 */
export function readText(field: Field, text: string): string | number | Problem {
  switch (field.type) {
    case 'string':
      return toNfc(text);
    case 'enum':
      return readEnum(field.values, toNfc(text));
    case 'boolean':
      return BOOLEANS.get(text.toLowerCase()) ?? { problem: 'is not true, false, 1 or 0' };
    case 'integer':
      return readInteger(field, text);
    case 'decimal':
      return readDecimal(field, text);
    case 'date':
      return readDate(text);
    case 'timestamp':
      return readTimestamp(field, text);
  }
}

const BOOLEANS = new Map([
  ['true', 1],
  ['1', 1],
  ['false', 0],
  ['0', 0],
]);

function readEnum(values: readonly string[], text: string): string | Problem {
  return values.includes(text) ? text : { problem: `is none of ${values.join(', ')}` };
}

function readInteger(field: IntegerField, text: string): number | Problem {
  if (!/^-?\d+$/.test(text)) return { problem: 'is not an integer' };
  // `+ 0` makes -0 of "-0" a 0.
  const value = Number(text) + 0;
  if (!Number.isSafeInteger(value)) return { problem: 'has too many digits' };
  return rangeProblem(field, value) ?? value;
}

function readDecimal(field: DecimalField, text: string): number | Problem {
  const value = parseDecimal(text, field.scale);
  if (typeof value !== 'number') return value;
  return rangeProblem(field, value) ?? value;
}

/** @param value as it is stored */
function rangeProblem(field: IntegerField | DecimalField, value: number): Problem | undefined {
  const { least, most } = storedRange(field);
  if (value < least) return { problem: `is below ${field.minimum}` };
  return value > most ? { problem: `is above ${field.maximum}` } : undefined;
}

const DAY = /^(\d{4})(-?)(\d{2})\2(\d{2})$/;

function readDate(text: string): string | Problem {
  const [, year, , month, day] = DAY.exec(text) ?? [];
  if (year === undefined) return { problem: 'is not a day, such as 2000-12-31' };
  const iso = `${year}-${month}-${day}`;
  return isCalendarDay(iso) ? iso : { problem: 'is not a day of the calendar' };
}

const DAYS_OF_MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether a day of the Gregorian calendar exists: `Date` turns February 30 into March 1 or 2. @param iso `YYYY-MM-DD` */
function isCalendarDay(iso: string): boolean {
  const [year = 0, month = 0, day = 0] = iso.split('-').map(Number);
  const isLeapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && isLeapYear ? 29 : (DAYS_OF_MONTHS[month - 1] ?? 0);
  return day >= 1 && day <= days;
}

function readTimestamp({ unit }: TimestampField, text: string): string | number | Problem {
  if (unit === 'iso') return readIso(text);
  if (!/^-?\d+$/.test(text)) return { problem: 'is not an integer' };
  const value = Number(text) + 0;
  return Math.abs(value) > maxTime(unit) ? { problem: 'is outside the range of dates' } : value;
}

/** RFC 3339 with at most three digits of a second; the offset is required. */
const ISO =
  /^(\d{4}-\d{2}-\d{2})[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

function readIso(text: string): string | Problem {
  const [, day] = ISO.exec(text) ?? [];
  if (day === undefined) {
    return {
      problem: 'is not a time with an offset, such as 2000-12-31T23:59:59.999Z or 2000-12-31T23:59:59+01:00',
    };
  }
  const iso = isCalendarDay(day) ? new Date(text.toUpperCase()).toISOString() : '';
  return /^\d{4}-/.test(iso) ? iso : { problem: 'is not a time of the years 0000 to 9999' };
}
