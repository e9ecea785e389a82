/** @import { Digits } from '../format.js' */

/**
 * A number whose statistics and histogram can be shown.
 *
 * @typedef {object} Scale
 * @property {'scale'} form
 * @property {number} digits after the point
 * @property {{ from: number, maximum: number } | undefined} range the values that the chart can show; undefined: those of the data set
 * @property {boolean} hasSum
 * @property {string} unit after a value, with the blank before it
 * @property {(value: Digits) => string} format
 */

/**
 * A value with a few forms, whose histogram can be shown.
 *
 * @typedef {object} Categories
 * @property {'categories'} form
 * @property {(value: string | number | boolean) => string} labelOfValue
 */

/**
 * What the page can show a histogram of. `query`: the value of the parameter `histogram`.
 *
 * @typedef {(Scale | Categories) & { name: string, label: string, query: string }} Measure
 */

/** @typedef {Measure & Scale} Statistic */

/** @type {(measure: Measure) => measure is Statistic} */
export const isStatistic = (measure) => measure.form === 'scale';
