import { USERS } from '@landfall/contracts/dataset/users';
import t from 'tap';
import { choiceFilter, choiceMeasure } from '../fields/choice.js';
import { datasetOf } from '../fields/dataset.js';
import { withPresence } from '../fields/filter.js';
import { categoriesOf } from './categories.js';
import { fitsPhone, hiddenAtFirst, readHidden, shownColumns, toggled } from './columns.js';
import { dividedFilters } from './facets.js';

const users = datasetOf(USERS);
const wide = datasetOf({
  name: 'rows',
  one: 'row',
  records: '{id}.csv',
  fields: Array.from({ length: 100 }, (_, i) => ({ name: `f${i}`, type: 'string' as const })),
  companions: [],
  derived: [],
  statistics: [],
});

t.test('the bars of an enum choose its values, and the missing ones', async (t) => {
  const field = { name: 'language', type: 'enum', values: ['de', 'en'], optional: true } as const;
  const filter = withPresence(choiceFilter(field), field);
  const measure = choiceMeasure(field);
  if (measure.form !== 'categories') throw new Error('an enum has categories');
  const entries = [
    { language: 'de', count: 3, with_cover: 1 },
    { language: null, count: 2, with_cover: 0 },
  ];
  t.same(categoriesOf(measure, entries, filter, { language: ['de'] }, 'cover'), [
    { label: 'de', with: 1, without: 2, isChosen: true, choice: {} },
    { label: 'missing', with: 0, without: 2, isChosen: false, choice: { is_language_exists: ['false'] } },
  ]);
  t.match(categoriesOf(measure, entries, filter, { is_language_exists: ['false'] }, undefined), [
    { with: 3, without: 0, isChosen: false, choice: { language: ['de'] } },
    { isChosen: true, choice: {} },
  ]);
});

t.test('columns: not all of many at first; the key always', async (t) => {
  t.equal(shownColumns(users, hiddenAtFirst(users)).length, users.columns.length);
  const hidden = hiddenAtFirst(wide);
  t.equal(shownColumns(wide, hidden).length, 24);
  t.equal(shownColumns(wide, toggled(hidden, 'f50')).length, 25);
  t.equal(shownColumns(wide, toggled(toggled(hidden, 'f50'), 'f50')).length, 24);
  t.equal(shownColumns(wide, new Set(['id'])).length, 101);
  t.same(readHidden('["f1","f2"]'), new Set(['f1', 'f2']));
  for (const text of [null, '', '{', '{"a":1}']) t.equal(readHidden(text), undefined);
  t.ok(fitsPhone(users));
  t.notOk(fitsPhone(wide));
});

t.test('the filters that divide the rows come first', async (t) => {
  const names = (filters: { name: string }[]) => filters.map(({ name }) => name);
  t.same(names(dividedFilters(users).first), ['image', 'age']);
  t.same(names(dividedFilters(users).others), ['user_id', 'first_name', 'last_name', 'birthts']);
  t.same(names(dividedFilters(wide).first), ['f0', 'f1']);
  t.equal(dividedFilters(wide).others.length, 99);
});
