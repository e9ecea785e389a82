import fc from 'fast-check';
import t from 'tap';
import { selectKth } from './select-kth.ts';

t.test('the k-th value of any values, which are divided by it', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 }),
      fc.nat(),
      (given, n) => {
        const k = n % given.length;
        const sorted = given.toSorted((a, b) => a - b);
        const values = Float64Array.from(given);
        const found = selectKth(values, k);
        return (
          found === sorted[k] &&
          values.subarray(0, k).every((value) => value <= found) &&
          values.subarray(k).every((value) => value >= found)
        );
      },
    ),
    { numRuns: 2_000 },
  );
  for (const [what, length, of] of [
    ['ascending', 100_000, (i: number) => i],
    ['descending', 100_000, (i: number) => -i],
    ['equal', 100_000, () => 7],
    ['a saw', 100_000, (i: number) => i % 3],
  ] as const) {
    const values = Float64Array.from({ length }, (_, i) => of(i));
    t.equal(selectKth(values.slice(), length >> 1), values.toSorted()[length >> 1], what);
  }
});
