import fc from 'fast-check';
import t from 'tap';
import { binOf, EDGE_PARTS, edgesOf, equalBins } from './histogram-bins.ts';

const safe = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });

t.test('every value is in the bin whose edges enclose it', async (t) => {
  fc.assert(
    fc.property(safe, fc.integer({ min: 200, max: 5_000 }), fc.nat(), (low, range, n) => {
      const min = Math.min(low, Number.MAX_SAFE_INTEGER - range);
      const max = min + range;
      const value = min + (n % (range + 1));
      const bins = equalBins(min, max);
      const bin = binOf(bins, value);
      const { from, to } = edgesOf(bins, bin);
      const at = BigInt(value) * BigInt(EDGE_PARTS);
      return bin >= 0 && bin < 200 && from <= at && (at < to || (value === max && bin === 199 && at === to));
    }),
    { numRuns: 2_000 },
  );
  const bins = equalBins(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  t.equal(binOf(bins, Number.MIN_SAFE_INTEGER), 0);
  t.equal(binOf(bins, -1), 99);
  t.equal(binOf(bins, 0), 100);
  t.equal(binOf(bins, Number.MAX_SAFE_INTEGER), 199);
  t.equal(edgesOf(bins, 99).to, edgesOf(bins, 100).from);
});
