/** @import { Stats } from '../api.js' */
/** @import { Dataset } from '../fields/dataset.js' */
/** @import { Statistic } from '../fields/measure.js' */
/** @import { Digits } from '../format.js' */
/** @import { View } from './view.js' */
import { isStatistic } from '../fields/measure.js';
import { withArticle, wordsOf } from '../fields/words.js';
import { fixed, number, percent } from '../format.js';
import { measureOf } from './view.js';

/** One figure: its name, its value, and a remark. @typedef {{ name: string, value: string, more: string }} Figure */

/** The statistic to show: the measure of the histogram, or the first one. @type {(dataset: Dataset, view: View) => Statistic | undefined} */
export function statisticOf(dataset, view) {
  const measure = measureOf(dataset, view);
  return measure && isStatistic(measure) ? measure : dataset.measures.find(isStatistic);
}

/** @type {(stats: Stats | undefined, name: string) => number | null | undefined} */
export function numberIn(stats, name) {
  const value = stats?.[name];
  return typeof value === 'number' ? value : value === null ? null : undefined;
}

/** A sum, perhaps with more digits than a number holds. @type {(stats: Stats | undefined, name: string) => Digits | undefined} */
function sumIn(stats, name) {
  const value = stats?.[`sum_${name}`];
  return typeof value === 'number' || isDigits(value) ? value : undefined;
}

/**
 * @param {unknown} value
 * @returns {value is `${number}`}
 */
function isDigits(value) {
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value);
}

/** An average: one digit more than the values have. @type {(statistic: Statistic, value: number | null | undefined) => string} */
export const averageText = ({ digits }, value) =>
  value == null ? number(null) : digits === 0 ? fixed(value, 1) : fixed(value, digits);

/** A median, which is exact. @type {(statistic: Statistic, value: number | null | undefined) => string} */
export const medianText = ({ digits }, value) =>
  value == null ? number(null) : fixed(value, digits, digits + 1);

/** What `/stats` counts in `with_…`. @type {(dataset: Dataset) => string[]} */
export const countedOf = ({ companions, countedFields }) => [
  ...companions.map(({ name }) => name),
  ...countedFields,
];

/** The figures of the rows. @type {(dataset: Dataset, statistic: Statistic | undefined, all: Stats | undefined) => Figure[]} */
export const figuresOf = (dataset, statistic, all) => [
  { name: dataset.title, value: number(all?.count), more: '' },
  ...countedOf(dataset).map((name) => {
    const count = numberIn(all, `with_${name}`) ?? undefined;
    const more = count === undefined ? '' : number(count);
    return { name: `With ${withArticle(wordsOf(name))}`, value: percent(count, all?.count), more };
  }),
  ...(statistic ? statisticFigures(statistic, all) : []),
];

/** @type {(statistic: Statistic, all: Stats | undefined) => Figure[]} */
function statisticFigures(statistic, all) {
  const { name, hasSum, format } = statistic;
  const words = wordsOf(name);
  const of = (/** @type {string} */ kind) => numberIn(all, `${kind}_${name}`);
  const [min, max, sum] = [of('min'), of('max'), sumIn(all, name)];
  const span = min == null || max == null ? '' : `${format(min)} to ${format(max)}`;
  const total = hasSum && sum !== undefined ? `sum ${format(sum)}` : '';
  return [
    { name: `Average ${words}`, value: averageText(statistic, of('average')), more: span },
    { name: `Median ${words}`, value: medianText(statistic, of('median')), more: total },
  ];
}
