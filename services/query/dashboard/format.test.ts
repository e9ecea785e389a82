import t from 'tap';
import {
  ago,
  countOfNoun,
  day,
  decimal,
  duration,
  elapsed,
  fixed,
  instant,
  number,
  percent,
  rounded,
  stored,
} from './format.js';

t.test('numbers', async (t) => {
  t.equal(number(1_234_567), '1,234,567');
  t.equal(number(null), '–');
  t.equal(fixed(1_499.9, 2), '1,499.90');
  t.equal(fixed('12345678901234567.89', 2), '12,345,678,901,234,567.89', 'more digits than a number holds');
  t.equal(rounded(3_000, 2), '3,000');
  t.equal(stored(1_815, 0), '1815', 'it may be a year');
  t.equal(stored(4_849, 2), '4849.00');
  t.equal(decimal(41.26), '41.3');
  t.equal(countOfNoun(1, 'user'), '1 user');
  t.equal(countOfNoun(2_000, 'user'), '2,000 users');
  t.equal(percent(96, 120), '80 %');
  t.equal(percent(9_999, 10_000), '99 %', 'nearly all is not all');
  t.equal(percent(1, 10_000), '1 %');
  t.equal(percent(0, 0), '–');
});

t.test('times', async (t) => {
  const cases = [
    [0, '0 s'],
    [48_999, '48 s'],
    [60_000, '1 min'],
    [184_000, '3 min 4 s'],
    [7_500_000, '2 h 5 min'],
    [86_400_000 * 3 + 60_000, '3 d'],
    [-5, '0 s'],
  ] as const;
  for (const [ms, text] of cases) t.equal(elapsed(ms), text);
  t.equal(duration(87), '87 ms');
  t.equal(duration(1_240), '1.2 s');
  t.equal(duration(184_000), '3 min 4 s');
  t.equal(ago('2026-06-01T12:00:00.000Z', Date.UTC(2026, 5, 1, 12, 3, 4)), '3 min ago');
  t.equal(ago('2026-06-01T12:00:00.000Z', Date.UTC(2026, 5, 1, 11)), 'now', 'by a clock that is behind');
  t.equal(instant('2026-06-01T12:00:00.000Z'), '2026-06-01 12:00:00 UTC');
  t.equal(day(0), '1970-01-01');
  t.equal(day(-62_135_596_800_000), '0001-01-01');
});
