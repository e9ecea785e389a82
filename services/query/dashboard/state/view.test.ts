import { USERS } from '@landfall/contracts/dataset/users';
import t from 'tap';
import { datasetOf } from '../fields/dataset.js';
import {
  addressOf,
  everything,
  filterOf,
  filterOfMeasure,
  isFiltered,
  measureOf,
  ownParameters,
  queryOf,
  readView,
  replaced,
  sortedBy,
  type View,
  withQuery,
} from './view.js';

const users = datasetOf(USERS);
const all = everything(users);

/** A definition whose names are those of members of all objects. */
const odd = datasetOf({
  name: 'odd_rows',
  one: 'odd_row',
  records: '{id}.json',
  fields: [
    { name: 'constructor', type: 'enum', values: ['a', 'b', 'constructor'], optional: true },
    { name: 'day', type: 'date', asked_as: 'seen' },
  ],
  companions: [],
  derived: [],
  statistics: [],
});

t.test('an address says which users are looked at, and the other way round', async (t) => {
  const cases: [search: string, changes: Partial<View>][] = [
    ['', {}],
    ['?min_age=30&max_age=40', { values: { min_age: ['30'], max_age: ['40'] } }],
    ['?is_image_exists=false&sort=-birthts', { values: { is_image_exists: ['false'] }, sort: '-birthts' }],
    [
      '?is_image_exists=true&min_age=0&max_age=0',
      { values: { is_image_exists: ['true'], min_age: ['0'], max_age: ['0'] } },
    ],
    ['?user_id=b&user_id=a&first_name=Ad*', { values: { user_id: ['b', 'a'], first_name: ['Ad*'] } }],
    ['?born_after=1990-01-31', { values: { born_after: ['1990-01-31'] } }],
    ['?histogram=age', { measure: 'age' }],
  ];
  for (const [search, changes] of cases) {
    const view = { ...all, ...changes };
    t.same(readView(users, search), { view, faults: [] }, search);
    t.equal(withQuery('', addressOf(users, view)), search);
  }
  t.same(readView(users, '?is_image_exists=TRUE').view.values, { is_image_exists: ['true'] }, 'in any case');
  t.same(readView(users, '?min_age=007').view.values, { min_age: ['7'] });
});

t.test('invalid parts of an address are reported', async (t) => {
  for (const [search, fault] of [
    ['?min_agee=30', 'min_agee=30'],
    ['?min_age=thirty', 'min_age=thirty'],
    ['?max_age=151', 'max_age=151'],
    ['?is_image_exists=maybe', 'is_image_exists=maybe'],
    ['?sort=age', 'sort=age'],
    ['?min_age=40&max_age=30', 'min_age=40&max_age=30'],
    ['?born_after=2001-01-01&born_before=2000-01-01', 'born_after=2001-01-01&born_before=2000-01-01'],
    ['?born_after=2001-02-29', 'born_after=2001-02-29'],
    ['?histogram=first_name', 'histogram=first_name'],
    ['?constructor=1', 'constructor=1'],
    ['?first_name=', 'first_name='],
  ] as const) {
    t.same(readView(users, search), { view: all, faults: [fault] }, search);
  }
  t.same(readView(users, '?first_name=a&first_name=b').faults, ['first_name=b'], 'only some may be repeated');
});

t.test('names of a definition may be those of members of all objects', async (t) => {
  const search = '?seen_before=2020-02-29&constructor=b&constructor=constructor&is_constructor_exists=true';
  const { view, faults } = readView(odd, search);
  t.same(faults, []);
  t.same(new Set(addressOf(odd, view)), new Set(new URLSearchParams(search)));
  t.equal(filterOf(odd, {}).size, 0);
  t.equal(
    odd.filters.flatMap((filter) => ('write' in filter ? Object.values(filter.write({})) : [])).join(''),
    '',
  );
});

t.test('the order and the histogram are no part of the filter', async (t) => {
  const view = { ...all, sort: '-birthts', measure: 'age' };
  t.equal(filterOf(users, view.values).toString(), '');
  t.equal(queryOf(users, view).toString(), 'sort=-birthts');
  t.equal(addressOf(users, view).toString(), 'sort=-birthts&histogram=age');
  t.notOk(isFiltered(view));
  t.ok(isFiltered({ ...view, values: { max_age: ['3'] } }));
});

t.test('a filter replaces its own values, and keeps whether missing ones match', async (t) => {
  const names = odd.filters.filter(({ name }) => name === 'constructor').flatMap(ownParameters);
  t.same(names, ['constructor']);
  const values = { constructor: ['a'], is_constructor_exists: ['true'] };
  t.same(replaced(values, names, {}), { is_constructor_exists: ['true'] });
});

t.test('the first measure is shown unless another is chosen', async (t) => {
  t.equal(measureOf(users, all)?.name, 'age');
  t.equal(measureOf(odd, everything(odd))?.name, 'constructor');
  const age = measureOf(users, all);
  t.same(age && filterOfMeasure(users, age)?.parameters.map(({ name }) => name), ['min_age', 'max_age']);
});

t.test('a heading sorts by its column, then the other way round', async (t) => {
  const birthts = { sort: 'birthts', isReversed: false };
  const age = { sort: 'birthts', isReversed: true };
  t.equal(sortedBy('user_id', birthts), 'birthts');
  t.equal(sortedBy('birthts', birthts), '-birthts');
  t.equal(sortedBy('-birthts', birthts), 'birthts');
  t.equal(sortedBy('user_id', age), '-birthts', 'the youngest first');
  t.equal(sortedBy('-birthts', age), 'birthts');
});
