import { lowerBound } from './lower-bound.ts';

/** A histogram of more distinct values than this has bins. */
export const MAX_DISTINCT = 200;
const BINS = 200;

/**
 * Equal bins between the lowest and the highest value of a data set. A bin includes its lower edge and excludes its upper one; the
 * last one includes both.
 */
export interface Bins {
  min: number;
  max: number;
  /** The least integer of each bin. */
  first: Float64Array;
}

/** @param min stored integer; there are more than `MAX_DISTINCT` up to `max`, so that no bin is narrower than 1 */
export function equalBins(min: number, max: number): Bins {
  const [low, range, bins] = [BigInt(min), BigInt(max) - BigInt(min), BigInt(BINS)];
  const first = Float64Array.from({ length: BINS }, (_, i) =>
    Number(low + (BigInt(i) * range + bins - 1n) / bins),
  );
  return { min, max, first };
}

/** The bin of a value between `min` and `max`. */
export const binOf = ({ first }: Bins, value: number): number => lowerBound(first, value + 1) - 1;

/** `edge / EDGE_PARTS` is the stored value of an edge: it need not be an integer. */
export const EDGE_PARTS = BINS;

export interface BinEdges {
  from: bigint;
  to: bigint;
}

export function edgesOf({ min, max }: Bins, bin: number): BinEdges {
  const range = BigInt(max) - BigInt(min);
  const edge = (i: number) => BigInt(min) * BigInt(EDGE_PARTS) + BigInt(i) * range;
  return { from: edge(bin), to: edge(bin + 1) };
}
