import fs from 'node:fs';
import t from 'tap';
import type { Static } from 'typebox';
import type { Definition } from '../dataset/definition.ts';
import { isUsers, USERS } from '../dataset/users.ts';
import { readText } from '../values/read-text.ts';
import { DefinitionError } from './definition-error.ts';
import { definitionHash } from './definition-hash.ts';
import { DefinitionFile, FIELD_SCHEMAS } from './definition-schema.ts';
import { parseDefinition } from './parse-definition.ts';
import { readDefinition } from './read-definition.ts';

const DATASETS = new URL('../../../../datasets/', import.meta.url);
const read = (name: string): string => fs.readFileSync(new URL(name, DATASETS), 'utf8');

/** A definition that is valid; the cases change it. */
const BOOKS = {
  name: 'books',
  one: 'book',
  records: '**/{isbn}.csv',
  fields: [
    { name: 'title', type: 'string' },
    { name: 'published', type: 'date', past: true },
    { name: 'price', type: 'decimal', scale: 2, minimum: 0 },
  ],
  companions: [{ name: 'cover', files: '**/{isbn}.{jpg,png}' }],
  derived: [{ name: 'years', years_since: 'published', maximum: 500 }],
  statistics: ['years'],
};

/** The pointers and messages of all faults. */
function faultsOf(value: unknown): string[] {
  try {
    parseDefinition(typeof value === 'string' ? value : JSON.stringify(value), 'books.json');
    return [];
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return error.faults.map(({ pointer, message }) => `${pointer}: ${message}`);
  }
}

t.test('datasets/users.json is the shipped data set', async (t) => {
  t.same(parseDefinition(read('users.json'), 'users.json'), USERS);
  t.equal(readDefinition(undefined), USERS);
});

t.test('a data set of the name users is not the shipped one', async (t) => {
  t.ok(isUsers(parseDefinition(read('users.json'), 'users.json')));
  t.ok(isUsers({ ...USERS, description: 'other texts', statistics: [] }));
  t.notOk(isUsers({ ...USERS, fields: USERS.fields.slice(1) }));
  t.notOk(isUsers(parseDefinition(JSON.stringify({ ...BOOKS, name: 'users' }), 'x')));
});

t.test('datasets/dataset.schema.json is the schema of definition files', async (t) => {
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...DefinitionFile };
  t.same(
    JSON.parse(read('dataset.schema.json')),
    JSON.parse(JSON.stringify(schema)),
    'run pnpm run dataset-schema',
  );
});

t.test('the schema and the type agree', async (t) => {
  type Fields = { [Type in keyof typeof FIELD_SCHEMAS]: Static<(typeof FIELD_SCHEMAS)[Type]> };
  const fieldsOf = (fields: Fields): Definition['fields'] => Object.values(fields);
  const fields: Definition['fields'] = fieldsOf({
    string: { name: 'a', type: 'string' },
    enum: { name: 'b', type: 'enum', values: ['x'] },
    boolean: { name: 'c', type: 'boolean' },
    integer: { name: 'd', type: 'integer' },
    decimal: { name: 'e', type: 'decimal', scale: 2 },
    date: { name: 'f', type: 'date' },
    timestamp: { name: 'g', type: 'timestamp', unit: 's' },
  });
  t.same(
    fields.map(({ type }) => type),
    Object.keys(FIELD_SCHEMAS),
  );
});

t.test('defaults are filled in', async (t) => {
  const { companions: _, derived: __, statistics: ___, ...least } = BOOKS;
  t.same(parseDefinition(JSON.stringify(least), 'x'), {
    ...least,
    companions: [],
    derived: [],
    statistics: [],
  });
  t.match(parseDefinition(JSON.stringify(BOOKS), 'x').companions, [{ column: 'cover_path' }]);
});

t.test('a bound is exactly the number in the file, or a fault', async (t) => {
  const text = (type: string, bound: string) =>
    JSON.stringify({
      ...BOOKS,
      fields: [{ name: 'f', ...JSON.parse(type), maximum: 5 }],
      derived: [],
      statistics: [],
    }).replace('"maximum":5', `"maximum":${bound}`);
  const [integer, money, fine] = [
    '{"type":"integer"}',
    '{"type":"decimal","scale":2}',
    '{"type":"decimal","scale":9}',
  ] as const;
  for (const [type, bound, value, expected] of [
    [integer, '9007199254740991', '9007199254740991', 9_007_199_254_740_991],
    [integer, '9007199254740990', '9007199254740991', /is above 9007199254740990/],
    [integer, '-0', '1', /is above 0/],
    [integer, '1e3', '1001', /is above 1000/],
    [money, '0.10', '0.11', /is above 0.1/],
    [money, '45035996273704.97', '45035996273704.98', /is above/],
    [fine, '1e-9', '0.000000001', 1],
    [fine, '4503599.627370497', '4503599.627370498', /is above/],
    [fine, '4503599.627370497', '4503599.627370497', 4_503_599_627_370_497],
  ] as const) {
    const [field] = parseDefinition(text(type, bound), 'x').fields;
    const read = field && readText(field, value);
    t.match(read, expected instanceof RegExp ? { problem: expected } : expected, `${value} with ${bound}`);
  }
  for (const [type, bound, message] of [
    [integer, '9007199254740993', '9007199254740993 would be rounded to 9007199254740992'],
    [integer, '9007199254740991.4', '9007199254740991.4 would be rounded to 9007199254740991'],
    [integer, '9007199254740992', 'is outside of the range from -9007199254740991 to 9007199254740991'],
    [integer, '-1e16', 'is outside of the range from -9007199254740991 to 9007199254740991'],
    [integer, '0.5', 'has digits after the point'],
    [money, '0.125', 'has more than 2 digits after the point'],
    [money, `0.1${'0'.repeat(30)}1`, `0.1${'0'.repeat(30)}1 would be rounded to 0.1`],
    [money, '90071992547409.91', '90071992547409.91 would be rounded to 90071992547409.9'],
    [money, '90071992547409.92', 'is outside of the range from -90071992547409.91 to 90071992547409.91'],
    [fine, '9007199.254740991', '9007199.254740991 would be rounded to 9007199.25474099'],
    [fine, '1e-10', 'has more than 9 digits after the point'],
    [fine, '1e-400', '1e-400 would be rounded to 0'],
    [fine, '1e400', 'must be number'],
  ] as const) {
    t.same(faultsOf(text(type, bound)), [`/fields/0/maximum: ${message}`], bound);
  }
  const other = JSON.stringify(BOOKS).replace('"maximum":500', '"maximum":500.00000000000000001');
  t.same(faultsOf(other), ['/derived/0/maximum: 500.00000000000000001 would be rounded to 500']);
});

t.test('every fault is reported with its place', async (t) => {
  const field = (changes: object) => ({ ...BOOKS, fields: [...BOOKS.fields, { name: 'extra', ...changes }] });
  const cases: [string, unknown, string[]][] = [
    ['valid', BOOKS, []],
    ['SQL words are names', { ...BOOKS, fields: [{ name: 'group', type: 'string' }, ...BOOKS.fields] }, []],
    ['records of 1 MiB', { ...BOOKS, max_bytes: 1_048_576 }, []],
    ['larger records', { ...BOOKS, max_bytes: 1_048_577 }, ['/max_bytes: must be <= 1048576']],
    ['an empty file', '', [': the file is empty']],
    ['not JSON', '{\n  "name": books\n}', [': line 2, column 11: a word or character that is not JSON']],
    ['a comment', '{} // x', [': line 1, column 4: a comment']],
    [
      'a duplicate member',
      '{"name": "a", "fields": [{"a": 1, "a": 2}], "name": "b"}',
      [
        '/fields/0/a: occurs twice',
        '/name: occurs twice',
        '/one: is missing',
        '/records: is missing',
        '/fields/0/type: must be one of string, enum, boolean, integer, decimal, date, timestamp',
        '/fields/0/name: is missing',
        '/fields/0/a: is unknown',
      ],
    ],
    ['an unknown member', { ...BOOKS, titel: 'x' }, ['/titel: is unknown']],
    [
      'missing members',
      { name: 'books' },
      ['/one: is missing', '/records: is missing', '/fields: is missing'],
    ],
    [
      'an unknown type',
      field({ type: 'text' }),
      ['/fields/3/type: must be one of string, enum, boolean, integer, decimal, date, timestamp'],
    ],
    ['an option of another type', field({ type: 'string', scale: 2 }), ['/fields/3/scale: is unknown']],
    ['an option that is missing', field({ type: 'decimal' }), ['/fields/3/scale: is missing']],
    [
      'no fields',
      { ...BOOKS, fields: [], derived: [], statistics: [] },
      ['/fields: must not have fewer than 1 items'],
    ],
    [
      'a field that occurs twice',
      field({ type: 'string', name: 'title' }),
      [
        '/fields/3/name: the column title comes from /fields/0/name as well',
        '/fields/3: the query parameter title comes from /fields/0 as well',
        '/fields/3/name: the header title is read by /fields/0 as well',
      ],
    ],
    [
      'a reserved name',
      field({ type: 'string', name: 'limit' }),
      ['/fields/3/name: the column limit is reserved', '/fields/3: the query parameter limit is reserved'],
    ],
    [
      'a parameter that clashes',
      field({ type: 'boolean', name: 'min_price' }),
      ['/fields/3: the query parameter min_price comes from /fields/2 as well'],
    ],
    [
      'a name as the key',
      field({ type: 'string', name: 'isbn' }),
      [
        '/fields/3/name: the column isbn comes from /records as well',
        '/fields/3: the query parameter isbn comes from /records as well',
      ],
    ],
    [
      'an enum with an impossible value',
      field({ type: 'enum', values: ['a', ' b', 'a'] }),
      [
        '/fields/3/values/1: has blanks around it, or is not in Unicode NFC',
        '/fields/3/values/2: a occurs twice',
      ],
    ],
    [
      'bounds that contradict',
      field({ type: 'integer', minimum: 5, maximum: 4 }),
      ['/fields/3/minimum: is above the maximum'],
    ],
    [
      'a bound with too many digits',
      field({ type: 'decimal', scale: 1, maximum: 0.25 }),
      ['/fields/3/maximum: has more than 1 digit after the point'],
    ],
    [
      'years since a text',
      { ...BOOKS, derived: [{ name: 'years', years_since: 'title', maximum: 9 }] },
      ['/derived/0/years_since: title is of type string'],
    ],
    [
      'statistics that do not exist',
      { ...BOOKS, statistics: ['years', 'years', 'title', 'page'] },
      [
        '/statistics/1: years occurs twice',
        '/statistics/2: title is of type string',
        '/statistics/3: there is no field and no derived value page',
      ],
    ],
    ['one is the key', { ...BOOKS, one: 'isbn' }, ['/one: isbn is a member of every entry of GET /changes']],
    [
      'a pattern that is none',
      { ...BOOKS, records: '{isbn}*.csv' },
      ['/records: has * and the name in braces in one segment'],
    ],
    [
      'records of another kind',
      { ...BOOKS, records: '{isbn}.txt' },
      ['/records: does not end in .csv or .json'],
    ],
    [
      'another id',
      { ...BOOKS, companions: [{ name: 'cover', files: '**/{id}.jpg' }] },
      ['/companions/0/files: must have {isbn}, as the pattern of the records'],
    ],
    [
      'a companion without files',
      { ...BOOKS, companions: [{ name: 'cover', files: '**/{isbn}.csv' }] },
      [
        '/companions/0/files: can never have a file: every key that it matches belongs to a pattern before it',
      ],
    ],
    [
      'files of tools',
      { ...BOOKS, records: '**/.{isbn}.csv', companions: [{ name: 'old', files: '@GMT-*/{isbn}.csv' }] },
      [
        '/records: can never have a file: files of tools',
        '/companions/0/files: can never have a file: files of tools',
      ].map((start) => `${start} are passed over, such as those whose name begins with a dot`),
    ],
    [
      'a folder of tools that a pattern before it names',
      {
        ...BOOKS,
        companions: ['**/.old/{isbn}.csv', '.old/{isbn}.csv'].map((files, i) => ({ name: `old${i}`, files })),
      },
      [
        '/companions/1/files: can never have a file: every key that it matches belongs to a pattern before it',
      ],
    ],
    [
      'a header instead of a pointer',
      {
        ...BOOKS,
        records: '**/{isbn}.json',
        fields: BOOKS.fields.map((each) => ({ ...each, from: each.name })),
      },
      [
        '/fields/0/from: title is not a JSON pointer',
        '/fields/1/from: published is not a JSON pointer',
        '/fields/2/from: price is not a JSON pointer',
      ],
    ],
    ['JSON records', { ...BOOKS, records: '**/{isbn}.json' }, []],
    [
      'an enum value that is missing',
      { ...field({ type: 'enum', values: ['a', 'N/A'] }), missing: ['N/A'] },
      ['/fields/3/values: N/A is in `missing` as well'],
    ],
    [
      'a parameter of an optional field',
      field({ type: 'string', name: 'cover', optional: true }),
      ['/companions/0/name: the query parameter is_cover_exists comes from /fields/3 as well'],
    ],
    [
      'an enum that is a count of a histogram',
      field({ type: 'enum', name: 'with_cover', values: ['x'] }),
      ['/companions/0/name: the member of a histogram with_cover comes from /fields/3/name as well'],
    ],
    ...(['enum', 'boolean', 'string'] as const).map((type): [string, unknown, string[]] => [
      `a derived value with the name of a field of type ${type}`,
      field({ name: 'years', type, ...(type === 'enum' && { values: ['x'] }) }),
      ['/derived/0/name: the derived value years has the name of /fields/3/name as well'],
    ]),
    ...[
      ['isbn', '/records'],
      ['title', '/fields/0/name'],
      ['cover', '/companions/0/name'],
      ['cover_path', '/companions/0'],
    ].map(([name, other]): [string, unknown, string[]] => [
      `a derived value with the name of ${other}`,
      { ...BOOKS, derived: [{ ...BOOKS.derived[0], name }], statistics: [] },
      [`/derived/0/name: the derived value ${name} has the name of ${other} as well`],
    ]),
    [
      'members of bins that can be counted by',
      {
        ...BOOKS,
        fields: [
          ...BOOKS.fields,
          { name: 'from', type: 'enum', values: ['x'] },
          { name: 'to', type: 'integer' },
        ],
        statistics: ['to'],
      },
      [
        "/fields/3/name: from is a member of a histogram's bins",
        "/statistics/0: to is a member of a histogram's bins",
      ],
    ],
    ['members of bins that nothing is counted by', field({ type: 'integer', name: 'to' }), []],
    [
      'a reject reason of two fields',
      {
        ...BOOKS,
        fields: [
          ...BOOKS.fields,
          { name: 'invalid_a', type: 'date', past: true },
          { name: 'a_in_future', type: 'boolean' },
        ],
      },
      ['/fields/4/name: the reject reason invalid_a_in_future comes from /fields/3/name as well'],
    ],
    [
      'a reject reason of a field and of a duplicate',
      { ...field({ name: 'duplicate_a', type: 'date', past: true }), one: 'a_in_future' },
      ['/one: the reject reason duplicate_a_in_future comes from /fields/3/name as well'],
    ],
    ['a header with blanks', field({ type: 'string', from: ' x' }), ['/fields/3/from: has blanks around it']],
  ];
  for (const [what, value, expected] of cases) t.same(faultsOf(value), expected, what);
  for (const name of ['__proto__', 'a__b', '_a', 'A', 'a-b', '1a', 'a'.repeat(41), 'ä', '']) {
    t.match(faultsOf(field({ type: 'string', name })), [/^\/fields\/3\/name: /], JSON.stringify(name));
  }
  const many = Array.from({ length: 200 }, (_, i) => ({ name: `f${i}`, type: 'string' }));
  t.match(faultsOf({ ...BOOKS, fields: many, derived: [], statistics: [] }), [/^\/fields: /], '200 fields');
  t.match(
    faultsOf({ ...BOOKS, one: 5, max_bytes: 0, name: 'B' }),
    [/^\/name/, /^\/one/, /^\/max_bytes/],
    'all at once',
  );
  for (const value of ['[]', 'null', '5', '"x"']) t.ok(faultsOf(value).length > 0, value);
});

t.test('the message names the file and every fault', async (t) => {
  t.throws(() => parseDefinition('{"name": "books", "two": 2}', 'my.json'), {
    message: /my\.json can't be used:\n {2}- \/\w+: .*\n {2}- /,
  });
  t.throws(() => readDefinition('/nowhere/x.json'), { message: /cannot be read: ENOENT/ });
});

t.test('the hash changes with what decides the rows, and with nothing else', async (t) => {
  const of = (changes: object) =>
    definitionHash(parseDefinition(JSON.stringify({ ...BOOKS, ...changes }), 'x'));
  const same = [
    {},
    { description: 'x' },
    { $schema: 'x' },
    { statistics: [] },
    { max_bytes: 65_536 },
    { missing: [' '] },
  ];
  for (const changes of same) t.equal(of(changes), of({}), JSON.stringify(changes));
  const [title, published, price] = BOOKS.fields;
  t.equal(
    of({
      fields: [
        { ...title, from: 'title', optional: false, description: 'x' },
        { ...published, asked_as: 'out' },
        price,
      ],
    }),
    of({}),
  );
  const other = [
    { max_bytes: 5 },
    { name: 'b' },
    { records: '**/{id}.csv', companions: [] },
    { fields: [title, published] },
  ];
  for (const changes of other) t.not(of(changes), of({}), JSON.stringify(changes));
});
