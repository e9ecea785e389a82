/** @import { DateField, TimestampField } from '@landfall/contracts/dataset/definition' */
/** @import { Cell, Column } from './column.js' */
/** @import { Filter } from './filter.js' */
import { day } from '../format.js';
import { textCell, valueColumn } from './column.js';
import { firstOf, oneValue } from './filter.js';
import { labelOf, wordsOf } from './words.js';

/** @typedef {DateField | TimestampField} TimeField */

/**
 * The instant of a value, ms since 1970 UTC; undefined when it is missing or no date can have it.
 *
 * @type {(field: TimeField, value: string | number | boolean | null | undefined) => number | undefined}
 */
export function timeOf(field, value) {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'number') return validTime(Date.parse(String(value)));
  return validTime(field.type === 'timestamp' && field.unit === 's' ? value * 1_000 : value);
}

/** @param {number} ms */
const validTime = (ms) => (Number.isNaN(new Date(ms).getTime()) ? undefined : ms);

/** Texts beyond the year 9999 begin with a sign. @param {number} ms */
const minuteOf = (ms) => `${day(ms)} ${new Date(ms).toISOString().split('T')[1]?.slice(0, 5)}`;

/**
 * The column of a time. Of one that years are counted from, only the day is shown.
 *
 * @type {(field: TimeField, isCountedFrom: boolean) => Column}
 */
export function timeColumn(field, isCountedFrom) {
  const { name, asked_as: word = name } = field;
  const isDay = field.type === 'date' || isCountedFrom;
  /** @type {(value: string | number | boolean) => Cell} */
  const cellOf = (value) => {
    const ms = timeOf(field, value);
    if (field.type === 'date' || ms === undefined) return textCell(String(value));
    const iso = new Date(ms).toISOString();
    return textCell(isDay ? day(ms) : minuteOf(ms), field.unit === 'iso' ? iso : `${value} (${iso})`);
  };
  /** @type {Pick<Column, 'label' | 'kind' | 'width' | 'unit'>} */
  const look = { label: labelOf(word), kind: 'time', width: isDay ? 6.75 : 9.5 };
  return valueColumn(name, field.type === 'date' ? look : { ...look, unit: 'UTC' }, cellOf);
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** @type {(text: string) => string | undefined} */
function readDay(text) {
  const ms = DAY.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse moves February 30 to March.
  return !Number.isNaN(ms) && day(ms) === text ? text : undefined;
}

/** Days before and after, both excluded. @type {(field: TimeField) => Filter} */
export function timeFilter({ name, asked_as: word = name }) {
  const [after, before] = [`${word}_after`, `${word}_before`];
  const label = labelOf(word);
  /** @type {Filter['fault']} */
  const fault = (values) => {
    const [first, last] = [firstOf(values, after), firstOf(values, before)];
    const isEmpty = first !== undefined && last !== undefined && first >= last;
    return isEmpty ? `${label}: the day after which is not before the other day.` : undefined;
  };
  return {
    name,
    label,
    control: 'days',
    isFacet: false,
    inputs: [
      {
        name: after,
        label: `${label} after`,
        length: 10,
        placeholder: '',
        hint: `${wordsOf(word)} after this UTC day`,
      },
      {
        name: before,
        label: `${label} before`,
        length: 10,
        placeholder: '',
        hint: `${wordsOf(word)} before this UTC day`,
      },
    ],
    parameters: [after, before].map((each) => ({ name: each, isRepeatable: false, read: readDay })),
    presence: undefined,
    fault,
    write: (values) => ({ [after]: firstOf(values, after) ?? '', [before]: firstOf(values, before) ?? '' }),
    parse(typed) {
      const [first = '', last = ''] = [typed[after], typed[before]];
      if ([first, last].some((text) => text !== '' && readDay(text) === undefined)) {
        return `${label}: a day is written as 2000-02-29.`;
      }
      const values = { ...oneValue(after, readDay(first)), ...oneValue(before, readDay(last)) };
      return fault(values) ?? values;
    },
  };
}
