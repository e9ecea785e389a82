/** @import { BooleanField } from '@landfall/contracts/dataset/definition' */
/** @import { Column } from './column.js' */
/** @import { Filter } from './filter.js' */
/** @import { Measure } from './measure.js' */
import { textCell, valueColumn } from './column.js';
import { booleanParameter, noFault } from './filter.js';
import { labelOf } from './words.js';

/** @param {unknown} value */
const yesOrNo = (value) => (value === true ? 'yes' : 'no');

/** @type {(field: BooleanField) => Column} */
export const yesNoColumn = ({ name }) =>
  valueColumn(name, { label: labelOf(name), kind: 'word', width: 4.5 }, (value) => textCell(yesOrNo(value)));

/** @type {(field: BooleanField) => Filter} */
export const yesNoFilter = ({ name }) => ({
  name,
  label: labelOf(name),
  control: 'switch',
  isFacet: true,
  parameter: name,
  options: [
    { label: 'Any', value: undefined },
    { label: 'Yes', value: 'true' },
    { label: 'No', value: 'false' },
  ],
  parameters: [booleanParameter(name)],
  presence: undefined,
  fault: noFault,
});

/** @type {(field: BooleanField) => Measure} */
export const yesNoMeasure = ({ name }) => ({
  name,
  label: labelOf(name),
  form: 'categories',
  query: name,
  labelOfValue: yesOrNo,
});
