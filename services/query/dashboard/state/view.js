import { MAX_AGE } from '@landfall/query/http/dashboard-limits';

/**
 * Which users are looked at, and in which order: what the page's address says, in the API's own words.
 *
 * @typedef {object} View
 * @property {boolean | undefined} hasImage
 * @property {number | undefined} minAge
 * @property {number | undefined} maxAge
 * @property {Sort} sort
 */
/** @typedef {typeof SORTS[number]} Sort */

export const OLDEST = MAX_AGE;

const COLUMNS = /** @type {const} */ (['user_id', 'first_name', 'last_name', 'birthts']);
const SORTS = COLUMNS.flatMap((column) => /** @type {const} */ ([column, `-${column}`]));
const BY_USER_ID = 'user_id';

/** @type {View} */
export const EVERYBODY = { hasImage: undefined, minAge: undefined, maxAge: undefined, sort: BY_USER_ID };

/**
 * Reads an address. What it says that can't be meant is told, not passed over: a typo must not show everybody.
 *
 * @param {string} search
 * @returns {{ view: View, faults: string[] }}
 */
export function readView(search) {
  /** @type {View} */
  const view = { ...EVERYBODY };
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

/** @type {(view: View, name: string, value: string) => boolean} whether it could be understood */
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

/** An age as it is typed; undefined when it is none. @type {(text: string) => number | undefined} */
export function readAge(text) {
  return /^\d{1,3}$/.test(text) && Number(text) <= OLDEST ? Number(text) : undefined;
}

/** What is wrong with a pair of ages. @type {(ages: Pick<View, 'minAge' | 'maxAge'>) => string | undefined} */
export function ageFault({ minAge, maxAge }) {
  if (minAge === undefined || maxAge === undefined || minAge <= maxAge) return undefined;
  return 'The lower age is above the upper one.';
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
export function questionOf(view) {
  const parameters = filterOf(view);
  if (view.sort !== BY_USER_ID) parameters.set('sort', view.sort);
  return parameters;
}

/** @type {(path: string, parameters: URLSearchParams) => string} */
export const withQuery = (path, parameters) => (parameters.size === 0 ? path : `${path}?${parameters}`);

/** Whether anybody is left out. @type {(view: View) => boolean} */
export const isFiltered = (view) => filterOf(view).size > 0;

/**
 * The order after a column's heading was pressed: by that column, and by it the other way round when it was so already.
 *
 * @type {(sort: Sort, column: typeof COLUMNS[number]) => Sort}
 */
export const sortedBy = (sort, column) => (sort === column ? `-${column}` : column);
