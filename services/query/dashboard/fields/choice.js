/** @import { EnumField } from '@landfall/contracts/dataset/definition' */
/** @import { Column } from './column.js' */
/** @import { Filter } from './filter.js' */
/** @import { Measure } from './measure.js' */
import { textCell, valueColumn } from './column.js';
import { noFault } from './filter.js';
import { labelOf } from './words.js';

/** @type {(field: EnumField) => Column} */
export const choiceColumn = ({ name }) =>
  valueColumn(name, { label: labelOf(name), kind: 'word', width: 6 }, (value) => textCell(String(value)));

/** @type {(field: EnumField) => Filter} */
export const choiceFilter = ({ name, values }) => ({
  name,
  label: labelOf(name),
  control: 'choices',
  isFacet: true,
  parameter: name,
  options: values.map((value) => ({ label: value, value })),
  parameters: [{ name, isRepeatable: true, read: (text) => values.find((value) => value === text) }],
  presence: undefined,
  fault: noFault,
});

/** @type {(field: EnumField) => Measure} */
export const choiceMeasure = ({ name }) => ({
  name,
  label: labelOf(name),
  form: 'categories',
  query: name,
  labelOfValue: String,
});
