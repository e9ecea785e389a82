/** @import { Dataset } from '../fields/dataset.js' */
/** @import { Filter } from '../fields/filter.js' */

/** Filters to show at first. */
const SHOWN = 5;
/** When there are fewer facets, other filters are shown, too. */
const LEAST = 2;

/**
 * The filters that are shown at first, and the others.
 *
 * @type {(dataset: Dataset) => { first: Filter[], others: Filter[] }}
 */
export function dividedFilters({ filters, key }) {
  const facets = filters.filter(({ isFacet }) => isFacet).slice(0, SHOWN);
  const fill = filters.filter((filter) => !filter.isFacet && filter.name !== key);
  const first = new Set([...facets, ...fill.slice(0, Math.max(0, LEAST - facets.length))]);
  return {
    first: filters.filter((each) => first.has(each)),
    others: filters.filter((each) => !first.has(each)),
  };
}
