import type { Definition } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import t from 'tap';
import { datasetOf } from './dataset.js';
import type { Filter, Values } from './filter.js';

const NOW = Date.UTC(2026, 5, 1);

const EVERY: Definition = {
  name: 'old_books',
  one: 'old_book',
  records: 'shelves/{book_id}.json',
  fields: [
    { name: 'book_title', type: 'string' },
    { name: 'language', type: 'enum', values: ['de', 'en', 'fr'], optional: true },
    { name: 'lent', type: 'boolean', optional: true },
    { name: 'pages', type: 'integer' },
    { name: 'price', type: 'decimal', scale: 2, optional: true },
    { name: 'published', type: 'date' },
    { name: 'bought', type: 'timestamp', unit: 's', asked_as: 'purchased' },
    { name: 'changed', type: 'timestamp', unit: 'iso', optional: true },
  ],
  companions: [
    { name: 'text', files: 'texts/{book_id}.txt', column: 'text_path' },
    { name: 'cover', files: '**/{book_id}.{jpg,png}', column: 'cover_path' },
    { name: 'back', files: 'back/{book_id}.png', column: 'back_path' },
  ],
  derived: [{ name: 'years', years_since: 'published', maximum: 500 }],
  statistics: ['price', 'years'],
};

const books = datasetOf(EVERY);
const filterNamed = (name: string): Filter => {
  const filter = books.filters.find((each) => each.name === name);
  if (!filter) throw new Error(`there is no filter ${name}`);
  return filter;
};
const parse = (name: string, typed: Record<string, string>): Values | string => {
  const filter = filterNamed(name);
  return 'parse' in filter ? filter.parse(typed) : 'it has no inputs';
};
const write = (name: string, values: Values) => {
  const filter = filterNamed(name);
  return 'write' in filter ? filter.write(values) : {};
};

t.test('the words of the page come from the definition', async (t) => {
  t.match(books, {
    title: 'Old books',
    many: 'old books',
    one: 'old book',
    rowMember: 'old_book',
    key: 'book_id',
  });
  t.same(
    books.columns.map(({ label, kind }) => `${label}: ${kind}`),
    [
      'Old book: id',
      'Book title: text',
      'Language: word',
      'Lent: word',
      'Pages: number',
      'Price: number',
      'Published: time',
      'Years: years',
      'Purchased: time',
      'Changed: time',
      'Text: file',
      'Back: picture',
    ],
  );
  t.same(
    books.columns.filter(({ unit }) => unit === 'UTC').map(({ name }) => name),
    ['bought', 'changed'],
  );
  t.equal(books.portrait?.name, 'cover', 'the first companion that is an image is shown in front');
  t.notOk(books.isOfPeople, 'a title has no initials');
  t.ok(datasetOf(USERS).isOfPeople);
  t.same(books.labelsOf({ book_title: 'Emma' }), ['Emma']);
  t.same(datasetOf(USERS).labelsOf({ first_name: 'Ada', last_name: 'Lovelace' }), ['Ada', 'Lovelace']);
  t.same(
    books.measures.map(({ name, query }) => `${name}: ${query}`),
    ['price: price', 'years: true', 'language: language', 'lent: lent'],
  );
  t.same(books.countedFields, ['price']);
});

t.test('each value has a fitting text, and the exact one as its title', async (t) => {
  const row = {
    book_id: '1',
    book_title: 'Emma',
    language: 'en',
    lent: true,
    pages: 12_345,
    price: 1234.5,
    published: '1815-12-23',
    bought: 1_000_000_000,
    changed: '2001-09-09T01:46:40.123Z',
    text_path: 'source/texts/1.txt',
    back_path: 'source/back/1.PNG',
    cover_path: null,
  };
  t.same(
    books.columns.map((column) => column.cell(row, NOW)),
    [
      { text: '1', title: '1' },
      { text: 'Emma', title: 'Emma' },
      { text: 'en', title: 'en' },
      { text: 'yes', title: 'yes' },
      { text: '12345', title: '12345' },
      { text: '1234.50', title: '1234.50' },
      { text: '1815-12-23', title: '1815-12-23' },
      { text: '210' },
      { text: '2001-09-09 01:46', title: '1000000000 (2001-09-09T01:46:40.000Z)' },
      { text: '2001-09-09 01:46', title: '2001-09-09T01:46:40.123Z' },
      { text: 'txt', title: 'source/texts/1.txt', href: '/data/1/text' },
      { text: 'png', title: 'source/back/1.PNG', href: '/data/1/back' },
    ],
  );
  const missing = Object.fromEntries(Object.keys(row).map((name) => [name, null]));
  t.same(
    books.columns.map((column) => column.cell(missing, NOW)),
    books.columns.map(() => undefined),
  );
  const [, title] = books.columns;
  t.ok(
    (title?.cell({ ...row, book_title: 'x'.repeat(60_000) }, NOW)?.text.length ?? 0) < 1_000,
    'a page is no place for a book',
  );
  const far = books.columns
    .find(({ name }) => name === 'bought')
    ?.cell({ ...row, bought: 9_007_199_254_740_991 }, NOW);
  t.equal(far?.text, '9007199254740991', 'a time that no date can have');
  const born = datasetOf(USERS).columns.find(({ name }) => name === 'birthts');
  t.same(born?.cell({ birthts: 0 }, NOW), { text: '1970-01-01', title: '0 (1970-01-01T00:00:00.000Z)' });
});

t.test('texts are searched by their beginning, or exactly in quotes', async (t) => {
  for (const [typed, value] of [
    ['Em', 'Em*'],
    [' Em ', 'Em*'],
    ['Em*', 'Em*'],
    ['"Emma"', 'Emma'],
    ['"', '"*'],
    ['', undefined],
    ['*', undefined],
  ] as const) {
    t.same(
      parse('book_title', { book_title: typed }),
      value === undefined ? {} : { book_title: [value] },
      typed,
    );
  }
  t.same(write('book_title', { book_title: ['Em*'] }), { book_title: 'Em' });
  t.same(write('book_title', { book_title: ['Emma'] }), { book_title: '"Emma"' });
  t.same(parse('book_id', { book_id: '1, 2,' }), { book_id: ['1', '2'] });
  t.same(write('book_id', { book_id: ['1', '2'] }), { book_id: '1, 2' });
});

t.test('numbers', async (t) => {
  t.same(parse('pages', { min_pages: '5', max_pages: ' 10 ' }), { min_pages: ['5'], max_pages: ['10'] });
  t.same(parse('pages', { min_pages: '-5', max_pages: '' }), { min_pages: ['-5'] });
  t.match(parse('pages', { min_pages: '5.0', max_pages: '' }), /pages as a whole number/);
  t.match(parse('pages', { min_pages: '11', max_pages: '10' }), /greater than/);
  t.same(parse('price', { min_price: '0.5', max_price: '10.25' }), {
    min_price: ['0.5'],
    max_price: ['10.25'],
  });
  t.match(parse('price', { min_price: '0.555', max_price: '' }), /at most 2 digits/);
  const most = { min_pages: '-9007199254740991', max_pages: '9007199254740991' };
  t.same(parse('pages', most), { min_pages: [most.min_pages], max_pages: [most.max_pages] });
  t.match(parse('pages', { min_pages: '9007199254740992', max_pages: '' }), /from -9007199254740991 to 9007/);
  t.same(parse('price', { min_price: '90071992547409.91', max_price: '' }), {
    min_price: ['90071992547409.91'],
  });
  t.match(parse('price', { min_price: '90071992547410', max_price: '' }), /from -90071992547409.91 to 90071/);
  t.match(parse('price', { min_price: '1e3', max_price: '' }), /at most 2 digits/);
  t.same(
    write('pages', { pages: ['7'] }),
    { min_pages: '7', max_pages: '7' },
    'exactly one value is both bounds',
  );
  t.match(parse('years', { min_years: '501', max_years: '' }), /Years? is a whole number from 0 to 500/i);
});

t.test('days', async (t) => {
  t.same(parse('bought', { purchased_after: '2000-02-29', purchased_before: '' }), {
    purchased_after: ['2000-02-29'],
  });
  t.match(parse('bought', { purchased_after: '2001-02-29', purchased_before: '' }), /written as/);
  t.match(parse('bought', { purchased_after: '2001-02-02', purchased_before: '2001-02-02' }), /not before/);
});

t.test('choices, and whether there is a value', async (t) => {
  t.match(filterNamed('language'), {
    control: 'choices',
    options: [{ value: 'de' }, { value: 'en' }, { value: 'fr' }],
    presence: 'is_language_exists',
  });
  t.match(filterNamed('lent'), { control: 'switch', presence: 'is_lent_exists' });
  t.match(filterNamed('text'), { control: 'switch', parameter: 'is_text_exists', presence: undefined });
  t.same(
    [...books.parameters.keys()],
    [
      'is_text_exists',
      'is_cover_exists',
      'is_back_exists',
      'min_years',
      'max_years',
      'book_id',
      'book_title',
      'language',
      'is_language_exists',
      'lent',
      'is_lent_exists',
      'pages',
      'min_pages',
      'max_pages',
      'price',
      'min_price',
      'max_price',
      'is_price_exists',
      'published_after',
      'published_before',
      'purchased_after',
      'purchased_before',
      'changed_after',
      'changed_before',
      'is_changed_exists',
    ],
    'all parameters of the API',
  );
});
