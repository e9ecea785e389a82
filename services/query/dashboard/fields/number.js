/** @import { DecimalField, IntegerField } from '@landfall/contracts/dataset/definition' */
/** @import { Column } from './column.js' */
/** @import { Filter } from './filter.js' */
/** @import { Statistic } from './measure.js' */
import { fixed, stored } from '../format.js';
import { textCell, valueColumn } from './column.js';
import { rangeFilter } from './range.js';
import { labelOf, withArticle, wordsOf } from './words.js';

/** @typedef {IntegerField | DecimalField} NumberField */

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
  const form = digits === 0 ? /^-?\d{1,15}$/ : new RegExp(`^-?\\d{1,15}(?:\\.\\d{1,${digits}})?$`);
  const words = withArticle(wordsOf(name));
  return rangeFilter({
    name,
    length: 6 + digits,
    isFacet: isStatistic,
    hasExact: true,
    read: (text) => (form.test(text) ? text : undefined),
    expected:
      digits === 0
        ? `Type ${words} as a whole number.`
        : `Type ${words} as a number with at most ${digits} digits after the point.`,
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
