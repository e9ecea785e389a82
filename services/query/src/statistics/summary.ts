import type { Value } from '@landfall/contracts/dataset/row';
import type { BinEdges } from './histogram-bins.ts';

/** Statistics of a set of rows. */
export interface Summary {
  /** Rows. */
  count: number;
  /** Rows that have the companion, in the order of the definition. */
  companions: readonly number[];
  /** In the order of the definition's `statistics`. */
  measures: readonly MeasureSummary[];
  /** Ascending; entries without rows are left out. undefined when the request does not ask for it. */
  histogram: readonly HistogramEntry[] | undefined;
}

/** Statistics of a measure. Numbers are the stored integers: times 10 to the power of the measure's scale. */
export interface MeasureSummary {
  /** Rows with a value. */
  rows: number;
  /** As BigInt where it is no safe integer. */
  sum: number | bigint;
  /** undefined when no row has a value. */
  order: { min: number; max: number; middle: readonly [number, number] } | undefined;
}

export interface HistogramEntry {
  bucket: Bucket;
  count: number;
  companions: readonly number[];
}

/**
 * What the rows of a histogram entry have in common: a stored value (null: missing), or a bin. An edge of a bin is the stored value
 * times `EDGE_PARTS`.
 */
export type Bucket = { value: Value } | { bin: BinEdges };
