import fc from 'fast-check';
import t from 'tap';
import { exactMean } from './exact-mean.ts';

/** Enough digits for the nearest double: the exact value is no tie that needs more. */
const DIGITS = 1_200;

/** The quotient by long division; `Number` rounds a decimal text to the nearest double. */
function naiveMean(sum: bigint, count: number, scale: number): number {
  const magnitude = (sum < 0n ? -sum : sum) * 10n ** BigInt(DIGITS);
  const digits = String(magnitude / (BigInt(count) * 10n ** BigInt(scale))).padStart(DIGITS + 1, '0');
  return (sum < 0n ? -1 : 1) * Number(`${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`);
}

t.test('a mean is the nearest double of the exact quotient', async (t) => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }),
      fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2 ** 30 })),
      fc.integer({ min: 0, max: 9 }),
      (sum, count, scale) => Object.is(exactMean(sum, count, scale) + 0, naiveMean(sum, count, scale) + 0),
    ),
    { numRuns: 2_000 },
  );
  t.equal(exactMean(9_007_199_254_740_993n * 3n, 3, 0), 9_007_199_254_740_992, 'a tie goes to the even one');
  t.equal(exactMean(9_007_199_254_740_993n * 3n + 1n, 3, 0), 9_007_199_254_740_994, 'just above a tie');
  t.equal(exactMean(1n, 3, 2), 1 / 300);
});
