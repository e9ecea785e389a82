import t from 'tap';
import {
  ageFault,
  filterOf,
  isFiltered,
  NO_FILTER,
  queryOf,
  readAge,
  readView,
  sortedBy,
  withQuery,
} from './view.js';

t.test('an address says which users are looked at, and the other way round', async (t) => {
  for (const [search, view] of [
    ['', NO_FILTER],
    ['?min_age=30&max_age=40', { ...NO_FILTER, minAge: 30, maxAge: 40 }],
    ['?is_image_exists=false&sort=-birthts', { ...NO_FILTER, hasImage: false, sort: '-birthts' }],
    ['?is_image_exists=true&min_age=0&max_age=0', { ...NO_FILTER, hasImage: true, minAge: 0, maxAge: 0 }],
  ] as const) {
    t.same(readView(search), { view, faults: [] }, search);
    t.equal(withQuery('', queryOf(view)), search);
  }
  t.match(readView('?is_image_exists=TRUE').view, { hasImage: true }, 'in any case, as in the API');
});

t.test('invalid parts of an address are reported', async (t) => {
  for (const [search, fault] of [
    ['?min_agee=30', 'min_agee=30'],
    ['?min_age=thirty', 'min_age=thirty'],
    ['?max_age=151', 'max_age=151'],
    ['?is_image_exists=maybe', 'is_image_exists=maybe'],
    ['?sort=age', 'sort=age'],
    ['?min_age=40&max_age=30', 'min_age=40&max_age=30'],
  ] as const) {
    t.same(readView(search), { view: NO_FILTER, faults: [fault] }, search);
  }
});

t.test('ages are whole numbers within what the API takes', async (t) => {
  const read = ['0', '150', '007', '151', '-1', '1.5', '1e1', ' 5', ''].map(readAge);
  t.same(read, [0, 150, 7, undefined, undefined, undefined, undefined, undefined, undefined]);
  t.equal(ageFault({ minAge: 30, maxAge: 30 }), undefined);
  t.equal(ageFault({ minAge: 31, maxAge: undefined }), undefined);
  t.match(ageFault({ minAge: 31, maxAge: 30 }), /greater than/);
});

t.test('the order is no part of the filter', async (t) => {
  const view = { ...NO_FILTER, sort: '-birthts' } as const;
  t.equal(filterOf(view).toString(), '');
  t.notOk(isFiltered(view));
  t.ok(isFiltered({ ...view, maxAge: 3 }));
  t.equal(sortedBy('user_id', 'birthts'), 'birthts');
  t.equal(sortedBy('birthts', 'birthts'), '-birthts');
  t.equal(sortedBy('-birthts', 'birthts'), 'birthts');
});
