import t from 'tap';
import { bar } from './bars.ts';
import { figureText, isMet } from './figure.ts';
import { median, quantile } from './statistics.ts';

t.test('a bar shows a share of at most 100%', async (t) => {
  t.equal(bar(0), '·'.repeat(40));
  t.equal(bar(0.5), '█'.repeat(20) + '·'.repeat(20));
  t.equal(bar(1.7), '█'.repeat(40));
});

t.test('a target is met or missed', async (t) => {
  t.ok(isMet({ of: 'x', share: 0.6, atLeast: 0.6 }));
  t.notOk(isMet({ of: 'x', share: 0.59, atLeast: 0.6 }));
  t.ok(isMet({ of: 'x', share: 1, atMost: 1 }));
  t.notOk(isMet({ of: 'x', share: 1.01, atMost: 1 }));
  const text = figureText({ title: 'T', claims: [{ of: 'a loop', share: 0.5, atLeast: 0.6 }], lines: ['l'] });
  t.match(text, /^T\n.* 50% of a loop \(at least 60%: missed\)\n {2}l\n/);
});

t.test('quantiles', async (t) => {
  t.equal(median([3, 1, 2]), 2);
  t.equal(quantile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.95), 10);
  t.equal(quantile([7], 0.95), 7);
  t.same(median([]), Number.NaN);
});
