/** @import { Statistic } from '../fields/measure.js' */
/** @import { Entry, Stats } from '../api.js' */
import { countOfNoun, number, rounded } from '../format.js';
import { numberIn } from './figures.js';

/**
 * The axis of a histogram: equal steps from `low`. `unit` is the smallest difference of two values. `includesEnd`: the last step
 * includes its end, the others do not.
 *
 * @typedef {{ low: number, step: number, count: number, unit: number, includesEnd?: boolean }} Axis
 */
/** Bounds of a value, inclusive. @typedef {{ min?: number, max?: number }} Bounds */
/** One step of the axis. @typedef {{ at: number, with: number, without: number, isOut: boolean }} Bar */
/** The words of a data set for its rows. @typedef {{ one: string, many: string }} Words */

const DECADE = 10;
/** Smallest widths of a chart of years. */
const YEARS = [10, 20, 40, 80];
/** Values to show one by one at most; more are put together. */
const MAX_SINGLE = 200;
/** Steps of an axis of grouped values, roughly. */
const GROUPS = 60;
/** Labels on the axis at most. */
const MAX_TICKS = 14;
/** Digits that an axis has room for. A narrower one shows every other label. */
const AXIS_DIGITS = 98;
/** Digits between two labels at least. */
const BETWEEN = 2;

/**
 * The axis for all values of the data set, so that a filter does not move it.
 *
 * @type {(statistic: Statistic, entries: readonly Entry[], all: Stats | undefined) => Axis}
 */
export function axisOf({ name, digits, range }, entries, all) {
  const unit = 10 ** -digits;
  const [lowest, highest] = [
    numberIn(all, `min_${name}`) ?? undefined,
    numberIn(all, `max_${name}`) ?? undefined,
  ];
  if (range) {
    const oldest =
      highest !== undefined && highest <= range.maximum
        ? highest
        : (entries.map((entry) => Number(entry[name])).findLast((value) => value <= range.maximum) ?? 0);
    const isEmpty = highest === undefined && entries.length === 0;
    const decades = (Math.floor(oldest / DECADE) + 1) * DECADE;
    const count = isEmpty ? 80 : (YEARS.find((years) => years > oldest) ?? decades);
    return { low: range.from, step: 1, count, unit };
  }
  if (lowest === undefined || highest === undefined) return { low: 0, step: unit, count: 1, unit };
  const bin = entries.find(({ from, to }) => typeof from === 'number' && typeof to === 'number');
  if (bin) {
    const count = Math.max(1, Math.round((highest - lowest) / (Number(bin.to) - Number(bin.from))));
    return { low: lowest, step: (highest - lowest) / count, count, unit, includesEnd: true };
  }
  const singles = Math.round((highest - lowest) / unit) + 1;
  if (singles <= MAX_SINGLE) return { low: lowest, step: unit, count: singles, unit };
  const step = Math.max(unit, niceStep((highest - lowest) / GROUPS));
  const low = Math.floor(highest === lowest ? lowest : lowest / step) * step;
  return { low, step, count: Math.floor((highest - low) / step) + 1, unit };
}

/** The next larger of 1, 2 and 5 times a power of ten. @param {number} least */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * (1 - 1e-9)) ?? power;
}

/** The step of the axis that holds a value; below 0 or beyond the last for values outside. @type {(axis: Axis, value: number) => number} */
const stepAt = ({ low, step }, value) => Math.floor((value - low) / step + 1e-9);

/** The step of the axis that is nearest to a value. @type {(axis: Axis, value: number) => number} */
const nearestStep = (axis, value) => Math.min(axis.count - 1, Math.max(0, stepAt(axis, value)));

/** The lowest and the highest value of a step. @type {(axis: Axis, at: number) => { min: number, max: number }} */
export function valuesAt({ low, step, count, unit, includesEnd = false }, at) {
  const inUnits = (/** @type {number} */ value) => Math.ceil(value / unit - 1e-6);
  const min = inUnits(low + at * step);
  const end = inUnits(low + (at + 1) * step);
  const max = includesEnd && at === count - 1 ? end : end - 1;
  const exact = (/** @type {number} */ units) => Number((units * unit).toFixed(digitsOf(unit)));
  return { min: exact(min), max: exact(Math.max(min, max)) };
}

const digitsOf = (/** @type {number} */ unit) => Math.round(-Math.log10(unit));

/** The bars of the chart; bars outside of the bounds are marked. */
/** @type {(axis: Axis, name: string, entries: readonly Entry[], bounds: Bounds, companion: string | undefined) => Bar[]} */
export function barsOf(
  axis,
  name,
  entries,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY },
  companion,
) {
  /** @type {Map<number, Bar>} */
  const bars = new Map();
  for (const entry of entries) {
    const isBin = typeof entry.from === 'number' && typeof entry.to === 'number';
    const at = stepAt(axis, isBin ? (Number(entry.from) + Number(entry.to)) / 2 : Number(entry[name]));
    if (at < 0 || at >= axis.count) continue;
    const withFile = companion === undefined ? entry.count : Number(entry[`with_${companion}`]);
    const values = valuesAt(axis, at);
    const bar = bars.get(at) ?? { at, with: 0, without: 0, isOut: values.max < min || values.min > max };
    bar.with += withFile;
    bar.without += entry.count - withFile;
    bars.set(at, bar);
  }
  return [...bars.values()];
}

/** The number of rows that the axis does not show. @type {(axis: Axis, name: string, entries: readonly Entry[]) => number} */
export function countBeyond(axis, name, entries) {
  const beyond = entries.filter((entry) => {
    const at = entry.from === undefined ? stepAt(axis, Number(entry[name])) : 0;
    return at < 0 || at >= axis.count;
  });
  return beyond.reduce((sum, { count }) => sum + count, 0);
}

/** Values in words: `45 years`, `100 to 199`. @type {(statistic: Statistic, values: { min: number, max: number }) => string} */
export const rangeText = ({ format, unit }, { min, max }) =>
  `${min === max ? format(min) : `${format(min)} to ${format(max)}`}${unit}`;

/** Rows in words: `6 users, 3 with an image`. @type {(bar: { with: number, without: number }, words: Words, having: string) => string} */
export const rowsText = (bar, { one, many }, having) =>
  `${countOfNoun(bar.with + bar.without, one, many)}${having === '' ? '' : `, ${number(bar.with)} ${having}`}`;

/**
 * The chart as text for screen readers, ten steps at a time.
 *
 * @type {(axis: Axis, bars: Bar[], statistic: Statistic, words: Words, having: string) => string[]}
 */
export function describe(axis, bars, statistic, words, having) {
  const groups = Map.groupBy(bars, ({ at }) => at - (at % DECADE));
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([first, those]) => {
      const sum = { with: 0, without: 0 };
      for (const bar of those) {
        sum.with += bar.with;
        sum.without += bar.without;
      }
      const last = Math.min(axis.count, first + DECADE) - 1;
      const values = { min: valuesAt(axis, first).min, max: valuesAt(axis, last).max };
      return `${rangeText(statistic, values)}: ${rowsText(sum, words, having)}`;
    });
}

/**
 * The bounds between two steps, in either order. A bound at the end of the axis is no bound.
 *
 * @type {(axis: Axis, a: number, b: number) => Bounds}
 */
export function between(axis, a, b) {
  const [first, last] = [Math.min(a, b), Math.max(a, b)];
  return {
    ...(first <= 0 ? {} : { min: valuesAt(axis, first).min }),
    ...(last >= axis.count - 1 ? {} : { max: valuesAt(axis, last).max }),
  };
}

/** The first and the last step within bounds. @type {(axis: Axis, bounds: Bounds) => { first: number, last: number }} */
export const stepsWithin = (axis, { min, max }) => ({
  first: min === undefined ? 0 : nearestStep(axis, min),
  last: max === undefined ? axis.count - 1 : nearestStep(axis, max),
});

/**
 * The step after a key press on a handle; undefined for other keys.
 *
 * @param {string} key
 * @param {number} at
 * @param {{ least: number, most: number }} limits
 */
export function afterKey(key, at, { least, most }) {
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
  return step === undefined ? undefined : Math.min(most, Math.max(least, at + step));
}

/**
 * The values to label, with their places on the axis, 0 to 1. Each label begins at its value: the last one ends on the axis.
 *
 * @type {(axis: Axis) => { value: number, label: string, place: number }[]}
 */
export function ticksOf(axis) {
  const most = ticksAt(axis, MAX_TICKS);
  const longest = Math.max(1, ...most.map(({ label }) => label.length));
  const fitting = Math.floor(AXIS_DIGITS / (longest + BETWEEN));
  return (fitting < MAX_TICKS ? ticksAt(axis, fitting) : most).filter(
    ({ label, place }) => place + label.length / AXIS_DIGITS <= 1 || place === 0,
  );
}

/** @type {(axis: Axis, most: number) => { value: number, label: string, place: number }[]} */
function ticksAt({ low, step, count, unit }, most) {
  const width = step * count;
  const tick = Math.max(unit, niceStep(width / most));
  const ticks = [];
  for (let at = Math.ceil(low / tick - 1e-9) * tick; at < low + width; at += tick) {
    const value = Number(at.toFixed(digitsOf(unit)));
    ticks.push({ value, label: rounded(value, digitsOf(unit)), place: (at - low) / width });
  }
  return ticks;
}
