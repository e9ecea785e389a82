/** @import { StringField } from '@landfall/contracts/dataset/definition' */
/** @import { Column } from './column.js' */
/** @import { Filter } from './filter.js' */
import { textCell, valueColumn } from './column.js';
import { firstOf, noFault, oneValue } from './filter.js';
import { labelOf, wordsOf } from './words.js';

/** @type {(field: StringField) => Column} */
export const textColumn = ({ name }) =>
  valueColumn(name, { label: labelOf(name), kind: 'text', width: 7.5 }, (value) => textCell(String(value)));

/**
 * Searches by the beginning. A text in quotes is searched exactly.
 *
 * @type {(field: StringField) => Filter}
 */
export const textFilter = ({ name }) => ({
  name,
  label: labelOf(name),
  control: 'text',
  isFacet: false,
  inputs: [
    {
      name,
      label: labelOf(name),
      length: 14,
      placeholder: 'begins with',
      hint: `begins with, or an exact ${wordsOf(name)} in quotes`,
    },
  ],
  parameters: [{ name, isRepeatable: false, read: (text) => (text === '' ? undefined : text) }],
  presence: undefined,
  fault: noFault,
  write: (values) => ({ [name]: typedText(firstOf(values, name)) }),
  parse: (typed) => oneValue(name, searchedText(typed[name] ?? '')),
});

/** @param {string | undefined} value */
function typedText(value) {
  if (value === undefined) return '';
  return value.endsWith('*') ? value.slice(0, -1) : `"${value}"`;
}

/** @param {string} typed */
function searchedText(typed) {
  const text = typed.trim();
  if (text === '' || text === '*') return undefined;
  const [, exact] = /^"(.+)"$/.exec(text) ?? [];
  if (exact !== undefined) return exact;
  return text.endsWith('*') ? text : `${text}*`;
}
