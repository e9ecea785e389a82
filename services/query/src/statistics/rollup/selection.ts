import type { Definition } from '@landfall/contracts/dataset/definition';
import { dimensionOf } from './dimensions.ts';
import { type GroupTest, passesGroupTest, withCode } from './group-test.ts';
import { type MeasuredRollup, type RunningSum, runningSum } from './measured-rollup.ts';
import { type Rollup, sumOver, valueRangeOf } from './rollup.ts';
import type { RollupFilter } from './rollup-filter.ts';

/** The rows of a rollup whose group passes a test, as running totals. */
export interface Selection {
  totals: Float64Array;
  /** The measured values and their running sum. They are computed once per UTC day. */
  measured?: { of: MeasuredRollup; sum: RunningSum };
  /** The rows that have each companion. They are computed when they are asked for. */
  companions?: readonly Float64Array[];
}

/** Selections that are kept for each rollup. Each takes about a megabyte for 34,000 values. */
const MAX_SELECTIONS = 32;
const selections = new WeakMap<Rollup, Map<string, Selection>>();

/** Selects the rows whose group passes a test. They are added up once per test. */
export function selectGroups(rollup: Rollup, test: GroupTest): Selection {
  let known = selections.get(rollup);
  if (!known) {
    known = new Map();
    selections.set(rollup, known);
  }
  const kept = known.get(test.key);
  if (kept) return kept;
  const made = { totals: addUp(rollup, test) };
  if (known.size === MAX_SELECTIONS) known.clear();
  known.set(test.key, made);
  return made;
}

function addUp({ values, byGroup }: Rollup, test: GroupTest): Float64Array {
  const [first, ...others] = byGroup.filter(({ group }) => passesGroupTest(group, test));
  if (!first) return new Float64Array(values.length + 1);
  if (others.length === 0) return first.totals;
  const sum = Float64Array.from(first.totals);
  for (const { totals } of others)
    totals.forEach((rows, i) => {
      sum[i] = (sum[i] ?? 0) + rows;
    });
  return sum;
}

/** The running sum of the measured values of a selection. */
export function measuredSum(selection: Selection, measured: MeasuredRollup): RunningSum {
  if (selection.measured?.of === measured) return selection.measured.sum;
  const sum = runningSum(measured, selection.totals);
  selection.measured = { of: measured, sum };
  return sum;
}

/** The running totals of the rows of a selection that have each companion, in the order of the definition. */
export function companionTotals(
  definition: Definition,
  rollup: Rollup,
  selection: Selection,
  test: GroupTest,
): readonly Float64Array[] {
  selection.companions ??= definition.companions.map(({ column }) =>
    addUp(rollup, withCode(test, dimensionOf(definition, column), 1)),
  );
  return selection.companions;
}

/** How many of the counted rows pass a filter. */
export const countMatching = (rollup: Rollup, filter: RollupFilter): number =>
  sumOver(selectGroups(rollup, filter.groups).totals, valueRangeOf(rollup, filter));
