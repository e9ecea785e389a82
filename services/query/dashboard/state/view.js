import { MAX_AGE } from '@landfall/query/http/dashboard-limits';

/**
 * The filter and the sort order of the page, from its address, which uses the API's parameters.
 *
 * @typedef {object} View
 * @property {boolean | undefined} hasImage
 * @property {number | undefined} minAge
 * @property {number | undefined} maxAge
 * @property {Sort} sort
 */
/** @typedef {typeof SORTS[number]} Sort */

const COLUMNS = /** @type {const} */ (['user_id', 'first_name', 'last_name', 'birthts']);
const SORTS = COLUMNS.flatMap((column) => /** @type {const} */ ([column, `-${column}`]));
const BY_USER_ID = 'user_id';

/** @type {View} */
export const NO_FILTER = { hasImage: undefined, minAge: undefined, maxAge: undefined, sort: BY_USER_ID };

/**
 * Reads an address. Invalid parts are reported, since a typo must not show all rows silently.
 *
 * @param {string} search
 * @returns {{ view: View, faults: string[] }}
 */
export function readView(search) {
  /** @type {View} */
  const view = { ...NO_FILTER };
  const faults = [];
  for (const [name, value] of new URLSearchParams(search)) {
    if (!take(view, name, value)) faults.push(`${name}=${value}`);
  }
  if (ageFault(view)) {
    faults.push(`min_age=${view.minAge}&max_age=${view.maxAge}`);
    view.minAge = view.maxAge = undefined;
  }
  return { view, faults };
}

/** @type {(view: View, name: string, value: string) => boolean} whether it is valid */
function take(view, name, value) {
  if (name === 'sort') {
    const sort = SORTS.find((each) => each === value);
    if (sort) view.sort = sort;
    return sort !== undefined;
  }
  if (name === 'is_image_exists') {
    const hasImage = { true: true, false: false }[value.toLowerCase()];
    view.hasImage = hasImage;
    return hasImage !== undefined;
  }
  const age = readAge(value);
  if (age === undefined || (name !== 'min_age' && name !== 'max_age')) return false;
  view[name === 'min_age' ? 'minAge' : 'maxAge'] = age;
  return true;
}

/** Parses a typed age; undefined when it is invalid. @type {(text: string) => number | undefined} */
export function readAge(text) {
  return /^\d{1,3}$/.test(text) && Number(text) <= MAX_AGE ? Number(text) : undefined;
}

/** Returns what is wrong with a pair of ages. @type {(ages: Pick<View, 'minAge' | 'maxAge'>) => string | undefined} */
export function ageFault({ minAge, maxAge }) {
  if (minAge === undefined || maxAge === undefined || minAge <= maxAge) return undefined;
  return 'The minimum age is greater than the maximum age.';
}

/** The filter alone, as parameters of `/data` and `/stats`. @type {(view: View) => URLSearchParams} */
export function filterOf({ hasImage, minAge, maxAge }) {
  const parameters = new URLSearchParams();
  if (hasImage !== undefined) parameters.set('is_image_exists', String(hasImage));
  if (minAge !== undefined) parameters.set('min_age', String(minAge));
  if (maxAge !== undefined) parameters.set('max_age', String(maxAge));
  return parameters;
}

/** Filter and order, as parameters of `/data` and of the page. @type {(view: View) => URLSearchParams} */
export function queryOf(view) {
  const parameters = filterOf(view);
  if (view.sort !== BY_USER_ID) parameters.set('sort', view.sort);
  return parameters;
}

/** @type {(path: string, parameters: URLSearchParams) => string} */
export const withQuery = (path, parameters) => (parameters.size === 0 ? path : `${path}?${parameters}`);

/** Whether a filter is set. @type {(view: View) => boolean} */
export const isFiltered = (view) => filterOf(view).size > 0;

/**
 * The sort order after a click on a column heading: by that column, or reversed when it is sorted by it already.
 *
 * @type {(sort: Sort, column: typeof COLUMNS[number]) => Sort}
 */
export const sortedBy = (sort, column) => (sort === column ? `-${column}` : column);
