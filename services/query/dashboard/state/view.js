/** @import { Dataset } from '../fields/dataset.js' */
/** @import { Filter, Values } from '../fields/filter.js' */
/** @import { Measure } from '../fields/measure.js' */
import { allOf } from '../fields/filter.js';

/**
 * The filter, the sort order and the histogram of the page, from its address, which uses the API's parameters.
 *
 * @typedef {object} View
 * @property {Values} values of the filters
 * @property {string} sort
 * @property {string | undefined} measure name of the measure of the histogram; undefined for the first one
 */

/** All rows by their id. @type {(dataset: Dataset) => View} */
export const everything = ({ key }) => ({ values: {}, sort: key, measure: undefined });

/**
 * Reads an address. Invalid parts are reported, since a typo must not show all rows silently.
 *
 * @param {Dataset} dataset
 * @param {string} search
 * @returns {{ view: View, faults: string[] }}
 */
export function readView(dataset, search) {
  const view = everything(dataset);
  /** @type {Record<string, string[]>} */
  const values = {};
  const faults = [];
  for (const [name, text] of new URLSearchParams(search)) {
    if (name === 'sort' && dataset.sorts.has(text)) view.sort = text;
    else if (name === 'histogram' && dataset.measures.some((each) => each.name === text)) view.measure = text;
    else if (!take(dataset, values, name, text)) faults.push(`${name}=${text}`);
  }
  for (const { fault, parameters } of dataset.filters) {
    if (fault(values) === undefined) continue;
    const given = parameters.filter(({ name }) => Object.hasOwn(values, name));
    faults.push(given.map(({ name }) => `${name}=${values[name]}`).join('&'));
    for (const { name } of given) delete values[name];
  }
  return { view: { ...view, values }, faults };
}

/** @type {(dataset: Dataset, values: Record<string, string[]>, name: string, text: string) => boolean} whether it is valid */
function take({ parameters }, values, name, text) {
  const parameter = parameters.get(name)?.parameter;
  const value = parameter?.read(text);
  if (!parameter || value === undefined) return false;
  const before = allOf(values, name);
  if (before.length > 0 && !parameter.isRepeatable) return false;
  values[name] = [...before, value];
  return true;
}

/** Replaces the values of some parameters. @type {(values: Values, names: readonly string[], others: Values) => Values} */
export const replaced = (values, names, others) => ({
  ...Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name))),
  ...others,
});

/** The names of the parameters that a filter's input fields or options set. @type {(filter: Filter) => string[]} */
export const ownParameters = ({ parameters, presence }) =>
  parameters.map(({ name }) => name).filter((name) => name !== presence);

/** The filter alone, as parameters of `/data` and `/stats`. @type {(dataset: Dataset, values: Values) => URLSearchParams} */
export function filterOf({ parameters }, values) {
  const query = new URLSearchParams();
  for (const name of parameters.keys()) {
    for (const value of allOf(values, name)) query.append(name, value);
  }
  return query;
}

/** Filter and order, as parameters of `/data`. @type {(dataset: Dataset, view: View) => URLSearchParams} */
export function queryOf(dataset, { values, sort }) {
  const query = filterOf(dataset, values);
  if (sort !== dataset.key) query.set('sort', sort);
  return query;
}

/** The parameters of the page's address. @type {(dataset: Dataset, view: View) => URLSearchParams} */
export function addressOf(dataset, view) {
  const query = queryOf(dataset, view);
  if (view.measure !== undefined) query.set('histogram', view.measure);
  return query;
}

/** @type {(path: string, parameters: URLSearchParams) => string} */
export const withQuery = (path, parameters) => (parameters.size === 0 ? path : `${path}?${parameters}`);

/** Whether a filter is set. @type {(view: View) => boolean} */
export const isFiltered = ({ values }) => Object.keys(values).length > 0;

/** Whether a filter restricts the rows. @type {(view: View, filter: Filter) => boolean} */
export const isActive = ({ values }, { parameters }) =>
  parameters.some(({ name }) => Object.hasOwn(values, name));

/** The measure of the histogram; undefined when the data set has none. @type {(dataset: Dataset, view: View) => Measure | undefined} */
export const measureOf = ({ measures }, { measure }) =>
  measures.find(({ name }) => name === measure) ?? measures[0];

/** The filter of a measure. @type {(dataset: Dataset, measure: Measure) => Filter | undefined} */
export const filterOfMeasure = ({ filters }, { name }) => filters.find((filter) => filter.name === name);

/**
 * The sort order after a click on a column heading: by that column, or reversed when it is sorted by it already.
 *
 * @type {(sort: string, column: { sort: string, isReversed: boolean }) => string}
 */
export function sortedBy(sort, { sort: column, isReversed }) {
  if (sort === column) return `-${column}`;
  if (sort === `-${column}`) return column;
  return isReversed ? `-${column}` : column;
}
