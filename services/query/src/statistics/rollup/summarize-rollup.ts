import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Filter } from '../../filter/filter.ts';
import type { HistogramSubject } from '../histogram-subject.ts';
import { lowerBound } from '../lower-bound.ts';
import { countedMeasure, type Measure, measuresOf } from '../measure.ts';
import type { MeasureSummary, Summary } from '../summary.ts';
import { dimensionsOf } from './dimensions.ts';
import type { GroupTest } from './group-test.ts';
import { measuredRollupOf, sumOfMeasured } from './measured-rollup.ts';
import { type Rollup, sumOver, totalsOf, type ValueRange, valueRangeOf } from './rollup.ts';
import { isRollupFilter, rollupFilterOf } from './rollup-filter.ts';
import {
  columnHistogram,
  companionTotals,
  countEach,
  measureHistogram,
  withoutMissing,
} from './rollup-histogram.ts';

/** Whether a rollup has all that a summary needs. */
export function canSummarizeRollup(
  definition: Definition,
  filter: Filter,
  histogram: HistogramSubject | undefined,
): boolean {
  const columns = dimensionsOf(definition).map(({ column }) => column);
  const hasHistogram =
    histogram === undefined || histogram.kind === 'measure' || columns.includes(histogram.name);
  return (
    hasHistogram &&
    measuresOf(definition).length <= 1 &&
    definition.companions.every(({ column }) => columns.includes(column)) &&
    isRollupFilter(definition, filter)
  );
}

/**
 * Summarizes the rows of a rollup that match, in some microseconds, for any number of rows.
 *
 * @param filter one that the rollup can evaluate, as all else (`canSummarizeRollup`)
 * @param histogram what the histogram counts by; undefined for none
 * @param now the request's clock, ms since 1970 UTC
 */
export function summarizeRollup(
  definition: Definition,
  rollup: Rollup,
  filter: Filter,
  histogram: HistogramSubject | undefined,
  now: number,
): Summary {
  const { groups, ...bounds } = rollupFilterOf(definition, filter);
  const range = valueRangeOf(rollup, bounds);
  const totals = totalsOf(rollup, groups);
  const measure = countedMeasure(definition);
  const companions = companionTotals(definition, rollup, groups);
  return {
    count: sumOver(totals, range),
    companions: countEach(companions, range),
    measures: measure ? [measureSummary(rollup, measure, groups, range, now)] : [],
    histogram:
      histogram &&
      (histogram.kind === 'measure'
        ? measureHistogram(rollup, histogram.measure, totals, companions, range, now)
        : columnHistogram(definition, rollup, histogram.name, groups, range)),
  };
}

function measureSummary(
  rollup: Rollup,
  measure: Measure,
  groups: GroupTest,
  all: ValueRange,
  now: number,
): MeasureSummary {
  const range = withoutMissing(rollup, all);
  const totals = totalsOf(rollup, groups);
  const measured = measuredRollupOf(rollup, measure, now);
  const rows = sumOver(totals, range);
  const sum = sumOfMeasured(rollup, measured, groups, range);
  if (rows === 0) return { rows, sum, order: undefined };
  const before = totals[range.first] ?? 0;
  const ofRank = (rank: number) => measured.measured[lowerBound(totals, before + rank + 1) - 1] ?? Number.NaN;
  const [first, low, high, last] = [0, (rows - 1) >> 1, rows >> 1, rows - 1].map(ofRank) as Ranked;
  // Ages fall while days rise.
  if (measure.kind === 'years') return { rows, sum, order: { min: last, max: first, middle: [high, low] } };
  return { rows, sum, order: { min: first, max: last, middle: [low, high] } };
}

type Ranked = [number, number, number, number];
