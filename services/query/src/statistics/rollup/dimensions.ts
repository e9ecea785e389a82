import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Row, Value } from '@landfall/contracts/dataset/row';
import { oncePer } from '@landfall/contracts/once-per';
import { listedValues } from '../listed-values.ts';

/**
 * Rows are counted in groups: rows with the same companions, the same booleans and the same values of small enums. A group is a
 * mask: each of these columns, a dimension, has some bits of it.
 */
export interface Dimension {
  column: string;
  /** The name of the companion whose path the column has; undefined for a field. */
  companion: string | undefined;
  /** The values that the column can have. The bits of a row are the index of its value. */
  values: readonly Value[];
  shift: number;
  bits: number;
}

/** Bits of a mask. There are at most 256 groups then. */
const MAX_BITS = 8;

/** The dimensions of a definition: companions, then booleans and enums in the order of the fields, while bits are left. */
export const dimensionsOf = oncePer((definition: Definition): readonly Dimension[] => {
  const chosen: Dimension[] = [];
  let shift = 0;
  for (const { column, companion, values } of candidates(definition)) {
    const bits = Math.max(1, 32 - Math.clz32(values.length - 1));
    if (shift + bits > MAX_BITS) continue;
    chosen.push({ column, companion, values, shift, bits });
    shift += bits;
  }
  return chosen;
});

/** The dimension of a column. Throws an Error when the column is none. */
export function dimensionOf(definition: Definition, column: string): Dimension {
  const dimension = dimensionsOf(definition).find((each) => each.column === column);
  if (!dimension) throw new Error(`rows are not counted by ${column}`);
  return dimension;
}

/** Whether the file exists. */
const COMPANION_VALUES = [0, 1] as const;

function candidates({
  companions,
  fields,
}: Definition): Pick<Dimension, 'column' | 'companion' | 'values'>[] {
  return [
    ...companions.map(({ name, column }) => ({ column, companion: name, values: COMPANION_VALUES })),
    ...fields.flatMap((field) => {
      const values = listedValues(field);
      return values ? { column: field.name, companion: undefined, values } : [];
    }),
  ];
}

/** Returns a function from a row to its group. */
export function groupOf(definition: Definition): (row: Row) => number {
  const codes = dimensionsOf(definition).map(({ column, companion, values, shift }) => {
    if (companion !== undefined) return (row: Row) => (row[column] === null ? 0 : 1 << shift);
    const masks = new Map(values.map((value, i) => [value, i << shift]));
    return (row: Row) => masks.get(row[column] ?? null) ?? 0;
  });
  const [first, ...others] = codes;
  if (!first) return () => 0;
  if (others.length === 0) return first;
  return (row) => others.reduce((mask, code) => mask | code(row), first(row));
}
