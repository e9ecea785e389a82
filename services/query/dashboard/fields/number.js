/** @import { DecimalField, IntegerField } from '@landfall/contracts/dataset/definition' */
/** @import { Column } from './column.js' */
/** @import { Filter } from './filter.js' */
/** @import { Statistic } from './measure.js' */
import { fixed, stored } from '../format.js';
import { textCell, valueColumn } from './column.js';
import { rangeFilter } from './range.js';
import { labelOf, withArticle, wordsOf } from './words.js';

/** @typedef {IntegerField | DecimalField} NumberField */

/** The highest number of the API, without its point. */
const MOST = String(Number.MAX_SAFE_INTEGER);

/** Digits after the point. @param {NumberField} field */
const digitsOf = (field) => (field.type === 'decimal' ? field.scale : 0);

/** @type {(field: NumberField) => Column} */
export function numberColumn(field) {
  const { name } = field;
  const digits = digitsOf(field);
  const width = digits === 0 ? 6 : 5.5 + 0.4 * digits;
  return valueColumn(name, { label: labelOf(name), kind: 'number', width }, (value) =>
    textCell(stored(Number(value), digits), Number(value).toFixed(digits)),
  );
}

/** @type {(field: NumberField, isStatistic: boolean) => Filter} */
export function numberFilter(field, isStatistic) {
  const { name } = field;
  const digits = digitsOf(field);
  const form = digits === 0 ? /^-?(\d+)$/ : new RegExp(`^-?(\\d+)(?:\\.(\\d{1,${digits}}))?$`);
  /** Whether the API takes a number: without its point, it is a safe integer. @param {string} text */
  const isInRange = (text) => {
    const [, whole = '', fraction = ''] = form.exec(text) ?? [];
    return whole !== '' && Number.isSafeInteger(Number(whole + fraction.padEnd(digits, '0')));
  };
  const words = withArticle(wordsOf(name));
  const most = digits === 0 ? MOST : `${MOST.slice(0, -digits)}.${MOST.slice(-digits)}`;
  return rangeFilter({
    name,
    length: 6 + digits,
    isFacet: isStatistic,
    hasExact: true,
    read: (text) => (isInRange(text) ? text : undefined),
    expected: (text) => {
      if (form.test(text)) return `Type ${words} from -${most} to ${most}.`;
      return digits === 0
        ? `Type ${words} as a whole number.`
        : `Type ${words} as a number with at most ${digits} digits after the point.`;
    },
  });
}

/** @type {(field: NumberField) => Statistic} */
export function numberStatistic(field) {
  const { name } = field;
  const digits = digitsOf(field);
  return {
    name,
    label: labelOf(name),
    form: 'scale',
    query: name,
    digits,
    range: undefined,
    hasSum: true,
    unit: '',
    format: (value) => fixed(value, digits),
  };
}
