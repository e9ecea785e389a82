/** @import { Dataset } from '../fields/dataset.js' */
/** @import { Filter } from '../fields/filter.js' */
import { isStatistic } from '../fields/measure.js';

/** Filters to show at first. */
const SHOWN = 5;
/** Of these at most so many are for companions. */
const COMPANIONS = 2;
/** When there are fewer facets, other filters are shown, too. */
const LEAST = 2;

/**
 * The filters that are shown at first, and the others: companions, statistics, and what else divides the rows.
 *
 * @type {(dataset: Dataset) => { first: Filter[], others: Filter[] }}
 */
export function dividedFilters({ filters, key, companions, measures }) {
  const isCompanion = (/** @type {Filter} */ { name }) => companions.some((each) => each.name === name);
  const isCounted = (/** @type {Filter} */ { name }) =>
    measures.some((each) => isStatistic(each) && each.name === name);
  const facets = [
    ...filters.filter(isCompanion).slice(0, COMPANIONS),
    ...filters.filter(isCounted),
    ...filters.filter((filter) => filter.isFacet && !isCompanion(filter) && !isCounted(filter)),
  ].slice(0, SHOWN);
  const fill = filters.filter((filter) => !filter.isFacet && filter.name !== key);
  const first = [...facets, ...fill.slice(0, Math.max(0, LEAST - facets.length))];
  return { first, others: filters.filter((filter) => !first.includes(filter)) };
}
