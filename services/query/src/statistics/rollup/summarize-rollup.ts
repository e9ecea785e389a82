import type { Definition } from '@landfall/contracts/dataset/definition';
import { oncePer } from '@landfall/contracts/once-per';
import type { Filter } from '../../filter/filter.ts';
import type { HistogramSubject } from '../histogram-subject.ts';
import { lowerBound } from '../lower-bound.ts';
import { countedMeasure, type Measure, measuresOf } from '../measure.ts';
import type { MeasureSummary, Summary } from '../summary.ts';
import { dimensionsOf } from './dimensions.ts';
import { measuredRollupOf, measuredSumOver } from './measured-rollup.ts';
import { type Rollup, sumOver, type ValueRange, valueRangeOf } from './rollup.ts';
import { isRollupFilter, rollupFilterOf } from './rollup-filter.ts';
import { columnHistogram, countEach, measureHistogram } from './rollup-histogram.ts';
import { companionTotals, measuredSum, type Selection, selectGroups } from './selection.ts';

/** Whether a rollup has all that a summary needs. */
export const canSummarizeRollup = (
  definition: Definition,
  filter: Filter,
  histogram: HistogramSubject | undefined,
): boolean => isRollupFilter(definition, filter) && hasColumnsOf(definition, histogram);

function hasColumnsOf(definition: Definition, histogram: HistogramSubject | undefined): boolean {
  if (!hasWholeSummary(definition)) return false;
  if (histogram?.kind !== 'column') return true;
  return dimensionsOf(definition).some(({ column }) => column === histogram.name);
}

/** Whether the rollup of a definition has all its statistics and companions. */
const hasWholeSummary = oncePer((definition: Definition): boolean => {
  const counted = dimensionsOf(definition).filter(({ companion }) => companion !== undefined);
  return measuresOf(definition).length <= 1 && counted.length === definition.companions.length;
});

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
  const { from, before, groups } = rollupFilterOf(definition, filter);
  const range = valueRangeOf(rollup, { from, before });
  const selection = selectGroups(rollup, groups);
  const measure = countedMeasure(definition);
  const companions = companionTotals(definition, rollup, selection, groups);
  return {
    count: sumOver(selection.totals, range),
    companions: countEach(companions, range),
    measures: measure ? [measureSummary(rollup, measure, selection, range, now)] : [],
    histogram:
      histogram &&
      (histogram.kind === 'measure'
        ? measureHistogram(rollup, histogram.measure, selection.totals, companions, range, now)
        : columnHistogram(definition, rollup, histogram.name, groups, range)),
  };
}

function measureSummary(
  rollup: Rollup,
  measure: Measure,
  selection: Selection,
  all: ValueRange,
  now: number,
): MeasureSummary {
  const measured = measuredRollupOf(rollup, measure, now);
  const { totals } = selection;
  const range = { first: Math.max(all.first, measured.first), end: all.end };
  const rows = sumOver(totals, range);
  if (rows === 0) return { rows, sum: 0, order: undefined };
  const sum = measuredSumOver(measuredSum(selection, measured), range);
  const before = totals[range.first] ?? 0;
  const ofRank = (rank: number) => measured.measured[lowerBound(totals, before + rank + 1) - 1] ?? Number.NaN;
  const [first, last] = [ofRank(0), ofRank(rows - 1)];
  const low = ofRank((rows - 1) >> 1);
  const high = rows % 2 === 1 ? low : ofRank(rows >> 1);
  // Ages fall while days rise.
  if (measure.kind === 'years') return { rows, sum, order: { min: last, max: first, middle: [high, low] } };
  return { rows, sum, order: { min: first, max: last, middle: [low, high] } };
}
