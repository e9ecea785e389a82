/** @import { Stats } from '../../src/statistics/summary.ts' */
/** @import { View } from './view.js' */

import { MAX_AGE } from '@landfall/query/http/dashboard-limits';
import { countOfNoun } from '../format.js';

/** @typedef {NonNullable<Stats['histogram']>} AgeCounts */
/** @typedef {Pick<View, 'minAge' | 'maxAge'>} Ages bounds of the age, inclusive */
/** @typedef {{ age: number, with: number, without: number, isOut: boolean }} Bar */

const DECADE = 10;
/** Minimum width of the chart, years. */
const MIN_SPAN = 80;

/** The exclusive upper end of the chart, years. @type {(counts: AgeCounts) => number} */
export function spanOf(counts) {
  const oldest = counts.findLast(({ age }) => age <= MAX_AGE)?.age ?? 0;
  return Math.max(MIN_SPAN, (Math.floor(oldest / DECADE) + 1) * DECADE);
}

/** The bars of the chart; bars outside of the bounds are marked. @type {(counts: AgeCounts, ages: Ages) => Bar[]} */
export function barsOf(counts, { minAge = 0, maxAge = MAX_AGE }) {
  return counts
    .filter(({ age }) => age >= 0 && age <= MAX_AGE)
    .map(({ age, count, with_image }) => ({
      age,
      with: with_image,
      without: count - with_image,
      isOut: age < minAge || age > maxAge,
    }));
}

/**
 * The chart as text for screen readers: counts per decade.
 *
 * @type {(bars: Bar[]) => string[]}
 */
export function describeDecades(bars) {
  const decades = Map.groupBy(bars, ({ age }) => age - (age % DECADE));
  return [...decades].map(([from, those]) => {
    const withImage = those.reduce((sum, bar) => sum + bar.with, 0);
    const users = those.reduce((sum, bar) => sum + bar.without, withImage);
    return `${from} to ${from + DECADE - 1} years: ${countOfNoun(users, 'user')}, ${withImage} with an image`;
  });
}

/** The number of rows with an age outside of the chart. @type {(counts: AgeCounts) => number} */
export const countBeyond = (counts) =>
  counts.filter(({ age }) => age < 0 || age > MAX_AGE).reduce((sum, { count }) => sum + count, 0);

/**
 * The bounds between two pointer positions, in either order.
 *
 * @type {(from: number, to: number) => Ages}
 */
export const between = (from, to) => ({ minAge: Math.min(from, to), maxAge: Math.max(from, to) });

/**
 * The bound after a key press on its handle; undefined for other keys.
 *
 * @param {string} key
 * @param {number} age
 * @param {{ least: number, most: number }} limits
 */
export function afterKey(key, age, { least, most }) {
  const steps = new Map([
    ['ArrowRight', 1],
    ['ArrowUp', 1],
    ['ArrowLeft', -1],
    ['ArrowDown', -1],
    ['PageUp', DECADE],
    ['PageDown', -DECADE],
    ['Home', Number.NEGATIVE_INFINITY],
    ['End', Number.POSITIVE_INFINITY],
  ]);
  const step = steps.get(key);
  return step === undefined ? undefined : Math.min(most, Math.max(least, age + step));
}
