/** @import { Derived } from '@landfall/contracts/dataset/definition' */
/** @import { Column } from './column.js' */
/** @import { Filter } from './filter.js' */
/** @import { Statistic } from './measure.js' */
/** @import { TimeField } from './time.js' */
import { ageInYears } from '../state/age.js';
import { rangeFilter } from './range.js';
import { timeOf } from './time.js';
import { capitalized, labelOf, withArticle, wordsOf } from './words.js';

/** Whole years since a time. Its order is the reverse of that of the time. @type {(derived: Derived, field: TimeField) => Column} */
export const yearsColumn = ({ name }, field) => ({
  name,
  label: labelOf(name),
  kind: 'years',
  width: 5,
  sort: field.name,
  isReversed: true,
  cell: (row, now) => {
    const time = timeOf(field, row[field.name]);
    return time === undefined ? undefined : { text: String(ageInYears(time, now)) };
  },
});

/** @type {(derived: Derived) => Filter} */
export const yearsFilter = ({ name, maximum }) =>
  rangeFilter({
    name,
    length: 4,
    isFacet: true,
    hasExact: false,
    read: (text) => (/^\d{1,4}$/.test(text) && Number(text) <= maximum ? String(Number(text)) : undefined),
    expected: () => `${capitalized(withArticle(wordsOf(name)))} is a whole number from 0 to ${maximum}.`,
  });

/** @type {(derived: Derived, isFirst: boolean) => Statistic} */
export const yearsStatistic = ({ name, maximum }, isFirst) => ({
  name,
  label: labelOf(name),
  form: 'scale',
  query: isFirst ? 'true' : name,
  digits: 0,
  range: { from: 0, maximum },
  hasSum: false,
  unit: ' years',
  format: String,
});
