import type { DecimalField, Definition, IntegerField } from '@landfall/contracts/dataset/definition';
import { storedRange } from '@landfall/contracts/values/stored-range';
import { type Measure, measuresOf } from '../../statistics/measure.ts';
import type { MeasureSummary, Summary } from '../../statistics/summary.ts';

/** Statistics of a data set with one row. */
export const exampleStatistics = (definition: Definition): Summary => ({
  count: 1,
  companions: definition.companions.map(() => 1),
  measures: measuresOf(definition).map(summaryOfOne),
  histogram: undefined,
});

/** A stored number of the measure's range: 1, or the nearest bound; years are 26. */
function summaryOfOne(measure: Measure): MeasureSummary {
  const value = measure.kind === 'years' ? 26 : storedNumber(measure.field, measure.scale);
  return { rows: 1, sum: BigInt(value), order: { min: value, max: value, middle: [value, value] } };
}

function storedNumber(field: DecimalField | IntegerField, scale: number): number {
  const { least, most } = storedRange(field);
  return [least, most].find(Number.isFinite) ?? 10 ** scale;
}
