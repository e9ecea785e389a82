import type { Value } from '@landfall/contracts/dataset/row';
import { countedValue, type Measure, MISSING, measuredValue } from './measure.ts';
import { selectKth } from './select-kth.ts';
import type { MeasureSummary } from './summary.ts';

/** Values that an array can hold at first. */
const FIRST_CAPACITY = 1_024;

/**
 * Summarizes the values of a measure that are added one by one. It keeps them all, 8 bytes each, because a median needs them.
 *
 * @param now the request's clock, ms since 1970 UTC
 */
export function createAccumulator(measure: Measure, now: number) {
  const measured = createMeasurer(measure, now);
  let values = new Float64Array(FIRST_CAPACITY);
  let [rows, sum, exact] = [0, 0, 0n];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

  return {
    add(stored: Value): void {
      const value = measured(stored);
      if (value === MISSING) return;
      if (rows === values.length) values = grown(values);
      values[rows++] = value;
      if (value < min) min = value;
      if (value > max) max = value;
      const next = sum + value;
      if (Number.isSafeInteger(next)) {
        sum = next;
        return;
      }
      exact += BigInt(sum);
      sum = value;
    },

    summary(): MeasureSummary {
      const all = values.subarray(0, rows);
      const high = selectKth(all, rows >> 1);
      // The values before the upper middle are not greater: the lower middle of an even count is the greatest of them.
      const low = rows % 2 === 1 ? high : selectKth(all.subarray(0, rows >> 1), (rows >> 1) - 1);
      return {
        rows,
        sum: exact === 0n ? sum : exact + BigInt(sum),
        order: rows === 0 ? undefined : { min, max, middle: [low, high] },
      };
    },
  };
}

function grown(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}

/**
 * Returns a function from a stored value to the measured one; `MISSING` when there is none. The ages of days are computed once.
 *
 * @param now the request's clock, ms since 1970 UTC
 */
export function createMeasurer(measure: Measure, now: number): (stored: Value) => number {
  if (measure.kind === 'number') return (stored) => (stored === null ? MISSING : Number(stored));
  const ages = new Map<number, number>();
  return (stored) => {
    const day = countedValue(measure, stored);
    if (day === MISSING) return MISSING;
    let age = ages.get(day);
    if (age === undefined) {
      age = measuredValue(measure, day, now);
      ages.set(day, age);
    }
    return age;
  };
}
