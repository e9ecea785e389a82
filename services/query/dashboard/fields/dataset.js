/** @import { Companion, Definition, Field } from '@landfall/contracts/dataset/definition' */
/** @import { Column, Row } from './column.js' */
/** @import { Filter, Parameter } from './filter.js' */
/** @import { Measure } from './measure.js' */
import { choiceColumn, choiceFilter, choiceMeasure } from './choice.js';
import { fileColumn, fileFilter, isImage } from './file.js';
import { withPresence } from './filter.js';
import { idColumn, idFilter } from './id.js';
import { numberColumn, numberFilter, numberStatistic } from './number.js';
import { textColumn, textFilter } from './text.js';
import { timeColumn, timeFilter } from './time.js';
import { labelOf, wordsOf } from './words.js';
import { yearsColumn, yearsFilter, yearsStatistic } from './years.js';
import { yesNoColumn, yesNoFilter, yesNoMeasure } from './yes-no.js';

/**
 * What the page draws, from the definition.
 *
 * @typedef {object} Dataset
 * @property {string} name
 * @property {string} title the name of the data set as a label: `Users`
 * @property {string | undefined} description of the data set, for people
 * @property {string} many rows in words: `users`
 * @property {string} one one row in words: `user`
 * @property {string} rowMember the member of a change that has the row
 * @property {string} key the key column
 * @property {readonly Column[]} columns the key column first
 * @property {Companion | undefined} portrait the images to show in front of the rows
 * @property {readonly Companion[]} companions
 * @property {readonly Filter[]} filters
 * @property {ReadonlyMap<string, { filter: Filter, parameter: Parameter }>} parameters by name
 * @property {ReadonlySet<string>} sorts the orders of the API
 * @property {readonly Measure[]} measures the first one is shown at first
 * @property {readonly string[]} countedFields statistics that may be missing: `/stats` counts the rows with a value
 * @property {boolean} isOfPeople whether a row has a first and a last name, so that its initials can stand for it
 * @property {(row: Row) => string[]} labelsOf the words that name a row for people; perhaps none
 */

/** @type {(definition: Definition) => Dataset} */
export function datasetOf(definition) {
  const { name, one, fields, companions, derived, statistics } = definition;
  const key = /\{([^{},]+)\}/.exec(definition.records)?.[1] ?? '';
  const portrait = companions.find(isImage);
  const names = fields
    .filter(({ type }) => type === 'string')
    .slice(0, 2)
    .map((field) => field.name);
  const filters = [
    ...companions.map(fileFilter),
    ...derived.map(yearsFilter),
    idFilter(key),
    ...fields.map((field) => withPresence(fieldFilter(field, statistics), field)),
  ];
  const outputs = [key, ...fields.map((field) => field.name), ...companions.map(({ column }) => column)];
  return {
    name,
    title: labelOf(name),
    description: definition.description,
    many: wordsOf(name),
    one: wordsOf(one),
    rowMember: one,
    key,
    columns: [
      idColumn(key, one),
      ...fields.flatMap((field) => describedColumns(field, definition)),
      ...companions.filter((each) => each !== portrait).map((each) => fileColumn(each, key)),
    ],
    portrait,
    companions,
    filters,
    parameters: new Map(
      filters.flatMap((filter) =>
        filter.parameters.map((parameter) => [parameter.name, { filter, parameter }]),
      ),
    ),
    sorts: new Set(outputs.flatMap((column) => [column, `-${column}`])),
    measures: measuresOf(definition),
    countedFields: statistics.filter((each) => mayBeMissing(definition, each)),
    isOfPeople: names.includes('first_name') && names.includes('last_name'),
    labelsOf: (row) => names.map((each) => row[each]).filter((value) => typeof value === 'string'),
  };
}

/** @type {(field: Field, definition: Definition) => Column[]} */
const describedColumns = (field, definition) =>
  fieldColumns(field, definition).map((column) =>
    column.name === field.name && field.description ? { ...column, description: field.description } : column,
  );

/** @type {(field: Field, definition: Definition) => Column[]} */
function fieldColumns(field, { derived }) {
  switch (field.type) {
    case 'string':
      return [textColumn(field)];
    case 'enum':
      return [choiceColumn(field)];
    case 'boolean':
      return [yesNoColumn(field)];
    case 'integer':
    case 'decimal':
      return [numberColumn(field)];
    case 'date':
    case 'timestamp': {
      const years = derived.filter(({ years_since }) => years_since === field.name);
      return [timeColumn(field, years.length > 0), ...years.map((each) => yearsColumn(each, field))];
    }
  }
}

/** @type {(field: Field, statistics: readonly string[]) => Filter} */
function fieldFilter(field, statistics) {
  switch (field.type) {
    case 'string':
      return textFilter(field);
    case 'enum':
      return choiceFilter(field);
    case 'boolean':
      return yesNoFilter(field);
    case 'integer':
    case 'decimal':
      return numberFilter(field, statistics.includes(field.name));
    case 'date':
    case 'timestamp':
      return timeFilter(field);
  }
}

/** @type {(definition: Definition, statistic: string) => boolean} */
function mayBeMissing({ fields, derived }, statistic) {
  const source = derived.find(({ name }) => name === statistic)?.years_since ?? statistic;
  return fields.some(({ name, optional }) => name === source && optional === true);
}

/** The statistics in their order, then the enums and booleans. @type {(definition: Definition) => Measure[]} */
function measuresOf({ fields, derived, statistics }) {
  const firstDerived = statistics.find((name) => derived.some((each) => each.name === name));
  const listed = statistics.flatMap((name) => {
    const years = derived.find((each) => each.name === name);
    if (years) return [yearsStatistic(years, name === firstDerived)];
    const field = fields.find((each) => each.name === name);
    return field?.type === 'integer' || field?.type === 'decimal' ? [numberStatistic(field)] : [];
  });
  const others = fields.flatMap((field) => {
    if (field.type === 'enum') return [choiceMeasure(field)];
    return field.type === 'boolean' ? [yesNoMeasure(field)] : [];
  });
  return [...listed, ...others];
}
