import type { Definition } from '@landfall/contracts/dataset/definition';
import { binOf, edgesOf, equalBins, MAX_DISTINCT } from '../histogram-bins.ts';
import { lowerBound } from '../lower-bound.ts';
import type { Measure } from '../measure.ts';
import type { Bucket, HistogramEntry } from '../summary.ts';
import { dimensionOf } from './dimensions.ts';
import { type GroupTest, withCode } from './group-test.ts';
import { ageRanges } from './measured-rollup.ts';
import { firstValue, type Rollup, sumOver, type ValueRange } from './rollup.ts';
import { companionTotals, selectGroups } from './selection.ts';

export const countEach = (totals: readonly Float64Array[], range: ValueRange): number[] =>
  totals.map((own) => sumOver(own, range));

/** The rows by measured value, ascending; rows without a value are left out. */
export function measureHistogram(
  rollup: Rollup,
  measure: Measure,
  totals: Float64Array,
  companions: readonly Float64Array[],
  all: ValueRange,
  now: number,
): HistogramEntry[] {
  const entries: HistogramEntry[] = [];
  for (const { bucket, range } of bucketRanges(
    rollup,
    measure,
    { first: Math.max(all.first, firstValue(rollup)), end: all.end },
    now,
  )) {
    const count = sumOver(totals, range);
    if (count > 0) entries.push({ bucket, count, companions: countEach(companions, range) });
  }
  return entries;
}

interface BucketRange {
  bucket: Bucket;
  range: ValueRange;
}

function* bucketRanges(
  rollup: Rollup,
  measure: Measure,
  all: ValueRange,
  now: number,
): Generator<BucketRange> {
  if (measure.kind === 'years') {
    for (const { age, range } of ageRanges(rollup, measure, all, now))
      yield { bucket: { value: age }, range };
    return;
  }
  const { values } = rollup;
  const first = firstValue(rollup);
  if (values.length - first <= MAX_DISTINCT) {
    for (let i = all.first; i < all.end; i++) {
      yield { bucket: { value: values[i] ?? null }, range: { first: i, end: i + 1 } };
    }
    return;
  }
  const bins = equalBins(values[first] ?? 0, values.at(-1) ?? 0);
  for (let next = all.first; next < all.end; ) {
    const bin = binOf(bins, values[next] ?? 0);
    const end = Math.min(all.end, lowerBound(values, bins.first[bin + 1] ?? Number.POSITIVE_INFINITY));
    yield { bucket: { bin: edgesOf(bins, bin) }, range: { first: next, end } };
    next = end;
  }
}

/** The rows by the value of a column of the groups, in the order of its values. */
export function columnHistogram(
  definition: Definition,
  rollup: Rollup,
  column: string,
  groups: GroupTest,
  range: ValueRange,
): HistogramEntry[] {
  const dimension = dimensionOf(definition, column);
  return dimension.values.flatMap((value, code) => {
    const test = withCode(groups, dimension, code);
    const selection = selectGroups(rollup, test);
    const count = sumOver(selection.totals, range);
    if (count === 0) return [];
    return {
      bucket: { value },
      count,
      companions: countEach(companionTotals(definition, rollup, selection, test), range),
    };
  });
}
