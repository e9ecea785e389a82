import t from 'tap';
import { rangeInView } from './visible-rows.js';

t.test('rows in view, with some on both sides', async (t) => {
  t.same(rangeInView(0, 440, 1_000), { first: 0, end: 18 });
  t.same(rangeInView(44_000, 440, 100_000), { first: 992, end: 1_018 });
  t.same(rangeInView(44_000, 440, 1_005), { first: 992, end: 1_005 }, 'not beyond the last');
  t.same(rangeInView(0, 440, 0), { first: 0, end: 0 });
  t.same(rangeInView(44_000, 440, 10), { first: 9, end: 10 }, 'when there are fewer than there were');
});
