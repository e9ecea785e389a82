/** @import { Entry } from '../api.js' */
/** @import { Filter, Values } from '../fields/filter.js' */
/** @import { Categories, Measure } from '../fields/measure.js' */
import { allOf } from '../fields/filter.js';

/**
 * One value with its rows. `choice`: the parameters that choose only it; undefined when no filter can.
 *
 * @typedef {{ label: string, with: number, without: number, isChosen: boolean, choice: Values | undefined }} Category
 */

/**
 * The bars of a histogram by value; a missing value is the last.
 *
 * @type {(measure: Measure & Categories, entries: readonly Entry[], filter: Filter | undefined, values: Values, companion: string | undefined) => Category[]}
 */
export const categoriesOf = ({ name, labelOfValue }, entries, filter, values, companion) =>
  entries.map((entry) => {
    const value = entry[name];
    const withFile = companion === undefined ? entry.count : Number(entry[`with_${companion}`]);
    const parameter = value === null ? filter?.presence : name;
    const text = value === null ? 'false' : String(value);
    const isChosen = parameter !== undefined && allOf(values, parameter).includes(text);
    return {
      label: value === null || value === undefined ? 'missing' : labelOfValue(value),
      with: withFile,
      without: entry.count - withFile,
      isChosen,
      choice: parameter === undefined ? undefined : isChosen ? {} : { [parameter]: [text] },
    };
  });
