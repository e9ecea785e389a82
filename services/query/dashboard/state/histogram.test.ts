import { USERS } from '@landfall/contracts/dataset/users';
import t from 'tap';
import type { Entry } from '../api.js';
import { datasetOf } from '../fields/dataset.js';
import { isStatistic, type Statistic } from '../fields/measure.js';
import { numberStatistic } from '../fields/number.js';
import {
  afterKey,
  axisOf,
  barsOf,
  between,
  countBeyond,
  describe,
  rangeText,
  stepsWithin,
  ticksOf,
  valuesAt,
} from './histogram.js';

const users = datasetOf(USERS);
const age = users.measures.find(isStatistic) as Statistic;
const ages: Entry[] = [-1, 3, 40, 99, 2025].map((age) => ({ age, count: 5, with_image: 2 }));
const years = (...values: number[]): Entry[] => values.map((age) => ({ age, count: 1, with_image: 0 }));
const of = (name: string, min: number, max: number) => ({
  count: 1,
  [`min_${name}`]: min,
  [`max_${name}`]: max,
});

const total = numberStatistic({ name: 'total', type: 'decimal', scale: 2 });
const pages = numberStatistic({ name: 'pages', type: 'integer' });
const counted = (name: string, ...values: number[]): Entry[] =>
  values.map((value) => ({ [name]: value, count: 1 }));

t.test('years: bars of what a chart can show, the chosen ones told apart', async (t) => {
  const axis = axisOf(age, ages, undefined);
  t.same(axis, { low: 0, step: 1, count: 100, unit: 1 }, 'ages that are not shown do not widen the axis');
  t.same(barsOf(axis, 'age', ages, { min: 10, max: 40 }, 'image'), [
    { at: 3, with: 2, without: 3, isOut: true },
    { at: 40, with: 2, without: 3, isOut: false },
    { at: 99, with: 2, without: 3, isOut: true },
  ]);
  t.equal(countBeyond(axis, 'age', ages), 10);
  t.equal(axisOf(age, [], undefined).count, 80);
  t.equal(axisOf(age, years(59), undefined).count, 80);
  t.equal(axisOf(age, years(100), undefined).count, 110);
  t.equal(axisOf(age, years(3), undefined).count, 10);
  t.equal(axisOf(age, years(3), of('age', 0, 45)).count, 80, 'a filter does not move the axis');
});

t.test('in words, by decades', async (t) => {
  const axis = axisOf(age, years(59), undefined);
  const bar = (at: number, withImage: number, without: number) => ({
    at,
    with: withImage,
    without,
    isOut: false,
  });
  t.same(describe(axis, [bar(10, 0, 1), bar(0, 1, 0), bar(9, 2, 3)], age, users, 'with an image'), [
    '0 to 9 years: 6 users, 3 with an image',
    '10 to 19 years: 1 user, 0 with an image',
  ]);
  t.equal(rangeText(age, { min: 45, max: 45 }), '45 years');
  t.equal(rangeText(total, { min: 1, max: 2.5 }), '1.00 to 2.50');
});

t.test('integers: single values while there are few, else steps of a round size', async (t) => {
  const few = axisOf(pages, counted('pages', -3, 7), of('pages', -3, 7));
  t.same(few, { low: -3, step: 1, count: 11, unit: 1 });
  t.same(valuesAt(few, 10), { min: 7, max: 7 });
  const many = axisOf(pages, counted('pages', 12, 3_400), of('pages', 12, 3_400));
  t.same(many, { low: 0, step: 100, count: 35, unit: 1 });
  t.same(valuesAt(many, 34), { min: 3_400, max: 3_499 });
  t.same(barsOf(many, 'pages', counted('pages', 12, 99, 100, 3_400), { max: 99 }, undefined), [
    { at: 0, with: 2, without: 0, isOut: false },
    { at: 1, with: 1, without: 0, isOut: true },
    { at: 34, with: 1, without: 0, isOut: true },
  ]);
  t.equal(axisOf(pages, [], of('pages', 5, 5)).count, 1);
  t.equal(axisOf(pages, [], undefined).count, 1, 'no rows');
});

t.test('decimals: the bins of the service, or round steps', async (t) => {
  const entries = [
    { from: 0, to: 25.005, count: 3 },
    { from: 4_975.995, to: 5_001, count: 1 },
  ];
  const axis = axisOf(total, entries, of('total', 0, 5_001));
  t.match(axis, { low: 0, step: 25.005, count: 200 });
  t.same(valuesAt(axis, 0), { min: 0, max: 25 }, 'bounds have the digits of the field');
  t.same(valuesAt(axis, 1), { min: 25.01, max: 50 });
  t.same(valuesAt(axis, 199), { min: 4_976, max: 5_001 }, 'the last bin includes the highest value');
  t.same(
    barsOf(axis, 'total', entries, { min: 30 }, undefined).map(({ at, isOut }) => [at, isOut]),
    [
      [0, true],
      [199, false],
    ],
  );
  t.equal(countBeyond(axis, 'total', entries), 0);
  const round = axisOf(total, counted('total', 0.1, 9.99), of('total', 0.1, 9.99));
  t.match(round, { low: 0, step: 0.2, count: 50 });
  t.same(valuesAt(round, 3), { min: 0.6, max: 0.79 }, 'binary fractions do not show');
  t.same(axisOf(total, [], of('total', -1.01, -1)), { low: -1.01, step: 0.01, count: 2, unit: 0.01 });
});

t.test('dragging goes both ways; the ends of the axis are no bounds', async (t) => {
  const axis = axisOf(age, years(59), undefined);
  t.same(between(axis, 30, 20), { min: 20, max: 30 });
  t.same(between(axis, 20, 20), { min: 20, max: 20 });
  t.same(between(axis, 0, 20), { max: 20 });
  t.same(between(axis, 20, 79), { min: 20 });
  t.same(stepsWithin(axis, { min: 20, max: 500 }), { first: 20, last: 79 });
  t.same(stepsWithin(axis, {}), { first: 0, last: 79 });
});

t.test('keys move a handle within its limits', async (t) => {
  const limits = { least: 20, most: 150 };
  const moved = ['ArrowRight', 'ArrowLeft', 'PageUp', 'PageDown', 'Home', 'End', 'a'].map((key) =>
    afterKey(key, 25, limits),
  );
  t.same(moved, [26, 24, 35, 20, 20, 150, undefined]);
});

t.test('round values are labelled', async (t) => {
  const labels = (axis: ReturnType<typeof axisOf>) => ticksOf(axis).map(({ value }) => value);
  t.same(labels(axisOf(age, years(59), undefined)), [0, 10, 20, 30, 40, 50, 60, 70]);
  t.same(labels({ low: -0.3, step: 0.1, count: 6, unit: 0.1 }), [-0.3, -0.2, -0.1, 0, 0.1, 0.2]);
  t.ok(labels({ low: 123, step: 100, count: 57, unit: 1 }).length <= 15);
  t.same(
    ticksOf({ low: 0, step: 100, count: 31, unit: 1 })
      .map(({ label }) => label)
      .slice(-2),
    ['2,000', '2,500'],
    'a label that would be cut at the end of the axis is left out',
  );
  t.same(labels({ low: 0, step: 1e6, count: 10, unit: 1 }), [0, 2e6, 4e6, 6e6, 8e6], 'long labels are fewer');
  t.same(labels({ low: 5, step: 1, count: 1, unit: 1 }), [5]);
});
