import t from 'tap';
import { afterKey, barsOf, between, countBeyond, describeDecades, spanOf } from './ages.js';

const counts = [-1, 3, 40, 99, 2025].map((age) => ({ age, count: 5, with_image: 2 }));

t.test('bars of what a chart can show, the chosen ones told apart', async (t) => {
  t.same(barsOf(counts, { minAge: 10, maxAge: 40 }), [
    { age: 3, with: 2, without: 3, isOut: true },
    { age: 40, with: 2, without: 3, isOut: false },
    { age: 99, with: 2, without: 3, isOut: true },
  ]);
  t.equal(countBeyond(counts), 10);
  t.equal(spanOf([]), 80);
  t.equal(spanOf(counts), 100, 'ages that are not shown do not widen the axis');
  t.equal(spanOf([{ age: 100, count: 1, with_image: 0 }]), 110);
});

t.test('in words, by decades', async (t) => {
  const of = (age: number, withImage: number, without: number) => ({
    age,
    with: withImage,
    without,
    isOut: false,
  });
  t.same(describeDecades([of(0, 1, 0), of(9, 2, 3), of(10, 0, 1)]), [
    '0 to 9 years: 6 users, 3 with an image',
    '10 to 19 years: 1 user, 0 with an image',
  ]);
});

t.test('dragging goes both ways', async (t) => {
  t.same(between(30, 20), { minAge: 20, maxAge: 30 });
  t.same(between(20, 20), { minAge: 20, maxAge: 20 });
});

t.test('keys move a handle within its limits', async (t) => {
  const limits = { least: 20, most: 150 };
  const moved = ['ArrowRight', 'ArrowLeft', 'PageUp', 'PageDown', 'Home', 'End', 'a'].map((key) =>
    afterKey(key, 25, limits),
  );
  t.same(moved, [26, 24, 35, 20, 20, 150, undefined]);
});
