/** @import { Stats } from '../../src/statistics/summary.ts' */
/** @import { View } from './view.js' */
import { some } from '../format.js';
import { OLDEST } from './view.js';

/** @typedef {NonNullable<Stats['histogram']>} AgeCounts */
/** @typedef {Pick<View, 'minAge' | 'maxAge'>} Ages bounds of the age, both included */
/** @typedef {{ age: number, with: number, without: number, isOut: boolean }} Bar */

const DECADE = 10;
/** A few young users should not fill the whole width. */
const LEAST_SPAN = 80;

/** The ages that the chart goes up to, this one not included. @type {(counts: AgeCounts) => number} */
export function spanOf(counts) {
  const oldest = counts.findLast(({ age }) => age <= OLDEST)?.age ?? 0;
  return Math.max(LEAST_SPAN, (Math.floor(oldest / DECADE) + 1) * DECADE);
}

/** The bars of the chart; those beyond the bounds are out. @type {(counts: AgeCounts, ages: Ages) => Bar[]} */
export function barsOf(counts, { minAge = 0, maxAge = OLDEST }) {
  return counts
    .filter(({ age }) => age >= 0 && age <= OLDEST)
    .map(({ age, count, with_image }) => ({
      age,
      with: with_image,
      without: count - with_image,
      isOut: age < minAge || age > maxAge,
    }));
}

/**
 * The chart for those who can't see it: how many there are by decades.
 *
 * @type {(bars: Bar[]) => string[]}
 */
export function decadesInWords(bars) {
  const decades = Map.groupBy(bars, ({ age }) => age - (age % DECADE));
  return [...decades].map(([from, those]) => {
    const withImage = those.reduce((sum, bar) => sum + bar.with, 0);
    const users = those.reduce((sum, bar) => sum + bar.without, withImage);
    return `${from} to ${from + DECADE - 1} years: ${some(users, 'user')}, ${withImage} with an image`;
  });
}

/** How many users are of an age that the chart can't show. @type {(counts: AgeCounts) => number} */
export const countBeyond = (counts) =>
  counts.filter(({ age }) => age < 0 || age > OLDEST).reduce((sum, { count }) => sum + count, 0);

/**
 * The bounds between two ages that a pointer was at, in either order.
 *
 * @type {(from: number, to: number) => Ages}
 */
export const between = (from, to) => ({ minAge: Math.min(from, to), maxAge: Math.max(from, to) });

/**
 * A bound after a key was pressed on its handle; undefined when the key says nothing.
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
