import type { Value } from '@landfall/contracts/dataset/row';
import { addRow, type CompanionCounts, noRows } from './companion-counts.ts';
import { type Bins, binOf, edgesOf } from './histogram-bins.ts';
import type { HistogramSubject } from './histogram-subject.ts';
import { MISSING } from './measure.ts';
import { createMeasurer } from './row-accumulator.ts';
import type { Bucket, HistogramEntry } from './summary.ts';

interface CounterOptions {
  /** Number of companions. */
  companions: number;
  /** The bins of a number with many distinct values. */
  bins: Bins | undefined;
  /** The request's clock, ms since 1970 UTC. */
  now: number;
}

/** Counts the rows that are added, by bucket. */
export function createHistogramCounter(subject: HistogramSubject, { companions, bins, now }: CounterOptions) {
  const counts = new Map<Value, CompanionCounts>();
  const measured = subject.kind === 'measure' ? createMeasurer(subject.measure, now) : undefined;

  function keyOf(stored: Value): Value | undefined {
    if (!measured) return stored;
    const value = measured(stored);
    if (value === MISSING) return undefined;
    return bins ? binOf(bins, value) : value;
  }

  return {
    /** @param bits the companions that the row has: bit i for the i-th companion */
    add(stored: Value, bits: number): void {
      const key = keyOf(stored);
      if (key === undefined) return;
      let own = counts.get(key);
      if (!own) {
        own = noRows(companions);
        counts.set(key, own);
      }
      addRow(own, bits);
    },

    /** The buckets with rows: a column's values in their order, numbers ascending. */
    entries(): HistogramEntry[] {
      const keys =
        subject.kind === 'column'
          ? subject.values.filter((value) => counts.has(value))
          : [...counts.keys()].sort((a, b) => Number(a) - Number(b));
      return keys.flatMap((key) => {
        const own = counts.get(key);
        const bucket: Bucket = bins ? { bin: edgesOf(bins, Number(key)) } : { value: key };
        return own ? { bucket, count: own.rows, companions: own.companions } : [];
      });
    },
  };
}
