import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Value } from '@landfall/contracts/dataset/row';
import type { USERS } from '@landfall/contracts/dataset/users';
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

type FirstDerived<D extends Definition> = D['derived'][0]['name'];
type WithCompanions<D extends Definition> = { [C in D['companions'][number] as `with_${C['name']}`]: number };

/** Body of `GET /stats` for a definition whose statistics are its first derived value; see `statsSchema`. */
export type StatsOf<D extends Definition> = {
  [Member in `${'average' | 'min' | 'max' | 'median'}_${FirstDerived<D>}`]: number | null;
} & { count: number; histogram?: HistogramOf<D>[] } & WithCompanions<D>;
type HistogramOf<D extends Definition> = { [Name in FirstDerived<D>]: number } & {
  count: number;
} & WithCompanions<D>;

/** The statistics of the shipped data set, as the dashboard reads them. */
export type Stats = StatsOf<typeof USERS>;
