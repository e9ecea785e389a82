/** @import { Column } from './column.js' */
/** @import { Filter } from './filter.js' */
import { textCell, valueColumn } from './column.js';
import { allOf, noFault } from './filter.js';
import { labelOf } from './words.js';

/** The column that identifies rows. @type {(key: string, one: string) => Column} */
export const idColumn = (key, one) =>
  valueColumn(key, { label: labelOf(one), kind: 'id', width: 6 }, (value) => textCell(String(value)));

/** Rows by their ids, separated by commas. @type {(key: string) => Filter} */
export const idFilter = (key) => ({
  name: key,
  label: labelOf(key),
  control: 'text',
  isFacet: false,
  inputs: [
    { name: key, label: labelOf(key), length: 14, placeholder: 'any', hint: 'exact, or several with commas' },
  ],
  parameters: [{ name: key, isRepeatable: true, read: (text) => (text === '' ? undefined : text) }],
  presence: undefined,
  fault: noFault,
  write: (values) => ({ [key]: allOf(values, key).join(', ') }),
  parse: (typed) => {
    const ids = (typed[key] ?? '').split(',').map((id) => id.trim());
    const given = ids.filter((id) => id !== '');
    return given.length === 0 ? {} : { [key]: given };
  },
});
