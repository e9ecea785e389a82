import { utcDay } from '@landfall/contracts/dataset/age';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { instantOf } from '@landfall/contracts/values/time';
import type { Filter, Term } from '../../filter/filter.ts';
import { countedMeasure, type Measure, MISSING } from '../measure.ts';
import { dimensionsOf } from './dimensions.ts';
import { type GroupTest, groupTest } from './group-test.ts';

/** The part of a filter that a rollup can evaluate: one range of the counted values, and groups. */
export interface RollupFilter {
  /** The least counted value; undefined for no lower bound: rows without a value count, too. */
  from: number | undefined;
  /** The end of the range, which is excluded; undefined for no upper bound. */
  before: number | undefined;
  groups: GroupTest;
}

/** The restrictions of a filter on the counted field and on the columns of the groups. Others are left out. */
export function rollupFilterOf(definition: Definition, filter: Filter): RollupFilter {
  const measure = countedMeasure(definition);
  const range: RollupFilter = { from: undefined, before: undefined, groups: groupTest(definition, filter) };
  if (measure) for (const term of filter.fields.get(measure.field.name) ?? []) restrict(range, measure, term);
  return range;
}

/** The least counted value of a row that has one. */
const LEAST_VALUE = MISSING + 1;

/** Restricts the range to the counted values that meet a term. */
function restrict(range: RollupFilter, measure: Measure, [operator, value]: Term): void {
  if (value === null) {
    range.before = Math.min(range.before ?? LEAST_VALUE, LEAST_VALUE);
    return;
  }
  range.from = Math.max(range.from ?? LEAST_VALUE, LEAST_VALUE);
  const bound = counted(measure, value);
  if (operator === '>=' || operator === '=') range.from = Math.max(range.from, bound);
  if (operator === '<') range.before = Math.min(range.before ?? bound, bound);
  // Counted values are integers.
  if (operator === '<=' || operator === '=') range.before = Math.min(range.before ?? bound + 1, bound + 1);
}

/** A bound as a counted value. A bound below all values (minus infinity, or the empty text) is the least one. */
function counted({ kind, field }: Measure, bound: string | number): number {
  if (bound === '' || bound === Number.NEGATIVE_INFINITY) return LEAST_VALUE;
  return kind === 'years' ? utcDay(instantOf(field, bound)) : Number(bound);
}

/** Whether a rollup can evaluate all restrictions of a filter. Bounds of a time are the start of a UTC day (`readFilter`). */
export function isRollupFilter(definition: Definition, { ids, fields, companions }: Filter): boolean {
  if (ids !== undefined) return false;
  const dimensions = dimensionsOf(definition);
  const isDimension = (column: string) => dimensions.some((each) => each.column === column);
  const measure = countedMeasure(definition);
  for (const [name, terms] of fields) {
    if (isDimension(name)) continue;
    if (name !== measure?.field.name || !terms.every((term) => isRange(measure, term))) return false;
  }
  if (companions.size === 0) return true;
  return definition.companions.every(({ name, column }) => !companions.has(name) || isDimension(column));
}

/** Whether a term selects one range of counted values. Of a time, that is a range of whole days. */
function isRange({ kind }: Measure, [operator, value]: Term): boolean {
  if (value === null) return operator === 'IS';
  return operator === '>=' || operator === '<' || (kind === 'number' && ['=', '<='].includes(operator));
}
