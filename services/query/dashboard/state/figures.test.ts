import { USERS } from '@landfall/contracts/dataset/users';
import t from 'tap';
import { parseStats } from '../api.js';
import { datasetOf } from '../fields/dataset.js';
import { numberStatistic } from '../fields/number.js';
import { averageText, figuresOf, medianText, statisticOf } from './figures.js';
import { everything } from './view.js';

const users = datasetOf(USERS);

t.test('the figures of a data set', async (t) => {
  const age = statisticOf(users, everything(users));
  const all = { count: 120, with_image: 96, average_age: 51.44, median_age: 54.5, min_age: 0, max_age: 118 };
  t.same(
    figuresOf(users, age, all).map(({ name, value, more }) => [name, value, more]),
    [
      ['Users', '120', ''],
      ['With an image', '80 %', '96'],
      ['Average age', '51.4', '0 to 118'],
      ['Median age', '54.5', ''],
    ],
  );
  t.same(
    figuresOf(users, age, undefined).map(({ value }) => value),
    ['–', '–', '–', '–'],
    'before they are known',
  );
  const none = { count: 0, with_image: 0, average_age: null, median_age: null, min_age: null, max_age: null };
  t.same(
    figuresOf(users, age, none).map(({ value }) => value),
    ['0', '–', '–', '–'],
  );
});

t.test('numbers have the digits of their field, and a sum', async (t) => {
  const total = numberStatistic({ name: 'total', type: 'decimal', scale: 2 });
  const all = {
    count: 2,
    average_total: 10.005,
    median_total: 10.005,
    min_total: 0,
    max_total: 20.01,
    sum_total: 20.01,
  };
  const plain = { ...users, companions: [], countedFields: ['total'] };
  t.same(
    figuresOf(plain, total, { ...all, with_total: 1 }).map(({ name, value, more }) => [name, value, more]),
    [
      ['Users', '2', ''],
      ['With a total', '50 %', '1'],
      ['Average total', averageText(total, 10.005), '0.00 to 20.01'],
      ['Median total', medianText(total, 10.005), 'sum 20.01'],
    ],
  );
  t.equal(medianText(total, 10.005), '10.005', 'a median is exact');
});

t.test('a sum keeps all its digits', async (t) => {
  const total = numberStatistic({ name: 'total', type: 'decimal', scale: 2 });
  const all = parseStats('{"count":2,"average_total":1234.5,"sum_total":12345678901234567.89}');
  const plain = { ...users, companions: [] };
  t.equal(figuresOf(plain, total, all).at(-1)?.more, 'sum 12,345,678,901,234,567.89');
  t.equal(figuresOf(plain, total, all).at(-2)?.value, '1,234.50');
});

t.test('without statistics, there is only a count', async (t) => {
  const plain = datasetOf({ ...USERS, companions: [], derived: [], statistics: [] });
  t.equal(statisticOf(plain, everything(plain)), undefined);
  t.same(figuresOf(plain, undefined, { count: 3 }), [{ name: 'Users', value: '3', more: '' }]);
});
