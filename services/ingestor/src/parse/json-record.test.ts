import type { Definition, Field } from '@landfall/contracts/dataset/definition';
import fc from 'fast-check';
import t from 'tap';
import { isFault } from '../source/record.ts';
import { jsonRecordReader } from './json-record.ts';

const FIELDS: Field[] = [
  { name: 'title', type: 'string' },
  { name: 'kind', type: 'enum', values: ['x', 'y'], optional: true },
  { name: 'open', type: 'boolean', optional: true },
  { name: 'pages', type: 'integer', from: '/a/b', optional: true },
  { name: 'price', type: 'decimal', scale: 2, from: '/a/0', optional: true },
  { name: 'day', type: 'date', optional: true },
  { name: 'at', type: 'timestamp', unit: 'iso', from: '/a/b~1c', optional: true },
  { name: 'since', type: 'timestamp', unit: 's', optional: true },
];
const BOOKS: Definition = {
  name: 'books',
  one: 'book',
  records: '**/{id}.json',
  fields: FIELDS,
  companions: [],
  derived: [],
  statistics: [],
};
const reader = jsonRecordReader(BOOKS);

/** JSON text of a value, written in one of many ways. */
const number = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '5',
    '5.0',
    '1e2',
    '1E-2',
    '0.10',
    '12.5',
    '-7.25',
    '12.345',
    '9007199254740991',
  ),
  fc.constantFrom('9007199254740993', '12.499999999999999999', '0.0000001', '123456789012345678'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.integer().map(String),
);
const scalar = fc.oneof(
  number,
  fc.constantFrom(
    'true',
    'false',
    'null',
    '""',
    '" "',
    '"x"',
    '"a:b\\"c"',
    '"\\\\"',
    '"\\ud800"',
    '"2000-02-29"',
    '"5.0"',
  ),
  fc.string().map((text) => JSON.stringify(text)),
);
const names = fc.constantFrom(
  'title',
  'kind',
  'open',
  'a',
  'b',
  '0',
  'b/c',
  'day',
  'since',
  '__proto__',
  'other',
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }).map((all) => `[${all.join(', ')}]`),
    fc
      .array(fc.tuple(names, tie('value')), { maxLength: 6 })
      .map((members) => `{${members.map(([name, each]) => `"${name}": ${each}`).join(',\n')}}`),
  ),
}));

t.test('the fast path and the exact reader read the same', async (t) => {
  let records = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(names, value), { maxLength: 8 }),
      fc.constantFrom('', '"title": "T",'),
      (members, title) => {
        const text = `{${title}${members.map(([name, each]) => `"${name}":${each}`).join()}}`.replace(
          ',}',
          '}',
        );
        const reading = reader.read(text);
        if (!isFault(reading)) records++;
        t.same(reading, reader.readExact(text), text);
      },
    ),
    { numRuns: 5_000 },
  );
  t.ok(records > 100, `${records} records`);
});

t.test('values are read from their texts', async (t) => {
  const cases: [string, object][] = [
    ['{"title": " T\\u0065\\u0301 "}', { title: 'Té', pages: null, price: null }],
    [
      '{"title": "T", "a": {"b": 5, "0": 12.50, "b/c": "2000-12-31T23:59:59+01:00"}}',
      { pages: 5, price: 1_250, at: '2000-12-31T22:59:59.000Z' },
    ],
    ['{"title": "T", "a": [7.1, 2]}', { price: 710, pages: null }],
    ['{"title": "T", "open": 1, "since": -5}', { open: 1, since: -5 }],
    ['{"title": "T", "open": "FALSE"}', { open: 0 }],
    ['{"title": "T", "__proto__": {"day": "2000-01-01"}}', { day: null }],
    ['{"title": "T", "constructor": 5, "a": "text"}', { pages: null }],
    ['{"title": 5}', { reason: 'invalid_title', detail: '/title: 5 is a number and not text' }],
    ['{"title": "a\\u0000b"}', { reason: 'invalid_title', detail: /NUL/ }],
    ['{"title": "T", "a": {"b": 5.0}}', { reason: 'invalid_pages', detail: '/a/b: 5.0 is not an integer' }],
    ['{"title": "T", "a": {"b": -0}}', { pages: 0 }],
    ['{"title": "T", "a": {"0": 0.125}}', { reason: 'invalid_price', detail: /3 digits/ }],
    ['{"title": "T", "a": {"0": 12.500}}', { reason: 'invalid_price', detail: /12.500 has 3 digits/ }],
    ['{"title": "T", "a": {"0": 0.0000001}}', { reason: 'invalid_price', detail: /0.0000001 has 7 digits/ }],
    [
      '{"title": "T", "a": {"b": 1}, "a": {"b": 2}}',
      { reason: 'malformed_json', detail: '"/a" occurs twice' },
    ],
    [
      '{"title": "T", "x": [{"y": 1, "y": 1}]}',
      { reason: 'malformed_json', detail: '"/x/0/y" occurs twice' },
    ],
    ['{"title": "T", "t\\u0069tle": "U"}', { reason: 'malformed_json', detail: '"/title" occurs twice' }],
    ['{"title": "a:b", "x:y": "\\\\\\":"}', { title: 'a:b' }],
    ['{"kind": "z"}', { reason: 'invalid_kind' }],
    ['{}', { reason: 'missing_value', detail: 'no value for /title' }],
    ['5', { reason: 'malformed_json', detail: /not one JSON object/ }],
    ['['.repeat(60_000), { reason: 'malformed_json', detail: /^line 1, column 101: values are nested more/ }],
    ['{"a":'.repeat(10_000), { reason: 'malformed_json', detail: /^line 1, column 501: values are nested/ }],
    [
      '{"title": "T',
      { reason: 'malformed_json', detail: 'line 1, column 11: a text without a closing quote' },
    ],
    ['{"title": "T\\"', { reason: 'malformed_json', detail: /without a closing quote/ }],
    ['{"title": "T",}', { reason: 'malformed_json', detail: /line 1, column 15/ }],
  ];
  for (const [text, expected] of cases) t.match(reader.read(text), expected, text);
});

t.test('the limit of nesting is the same for both readers, and does not depend on the stack', async (t) => {
  const title: Field = { name: 'title', type: 'string' };
  const { read, readExact } = jsonRecordReader({ ...BOOKS, fields: [title] });
  const shapes: [what: string, open: string, close: string][] = [
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
    ['both', '[{"a" :\n', '}]'],
    ['text with brackets', '["[[{{",', ']'],
    ['siblings', '[1,"x",', ']'],
  ];
  for (const [what, open, close] of shapes) {
    const each = what === 'both' ? 2 : 1;
    const nested = (levels: number, title = '"T"') => {
      const count = (levels - 1) / each;
      return `{"title": ${title}, "x": ${open.repeat(count)}1${close.repeat(count)}}`;
    };
    const last = 101 - each;
    for (const reader of [read, readExact]) {
      t.same(reader(nested(last)), { title: 'T' }, `${last} levels: ${what}`);
      for (const levels of [101, 3_001, 20_001]) {
        const detail = /^line \d+, column \d+: values are nested more than 100 levels deep$/;
        t.match(reader(nested(levels)), { reason: 'malformed_json', detail }, `${levels} levels: ${what}`);
      }
      t.match(
        reader(`${nested(101).slice(0, 40)},}`),
        { reason: 'malformed_json' },
        'the first fault counts',
      );
      t.match(reader(nested(last, '"T", "title": "T"')), { detail: '"/title" occurs twice' });
    }
  }
  const wide = `{"title": "T", "x": [${Array(5_000).fill('[[]]').join()}]}`;
  t.same([read(wide), readExact(wide)], [{ title: 'T' }, { title: 'T' }], 'many values, not deep');
  const broken = `{"title": }${'['.repeat(5_000)}`;
  t.match(read(broken), { detail: 'line 1, column 11: a value is missing' }, 'the first fault counts');
});

t.test('a missing value below a scalar says so', async (t) => {
  const taxon: Field = { name: 'taxon', type: 'string', from: '/taxon/a~1b/name' };
  const { read } = jsonRecordReader({ ...BOOKS, fields: [taxon] });
  for (const [text, why] of [
    ['{"taxon": 5}', ' (/taxon is a number and not an object)'],
    ['{"taxon": 5.0}', ' (/taxon is a number and not an object)'],
    ['{"taxon": {"a/b": "x"}}', ' (/taxon/a~1b is text and not an object)'],
    ['{"taxon": true}', ' (/taxon is a boolean and not an object)'],
    ['{"taxon": null}', ''],
    ['{"taxon": {"a/b": {"name": null}}}', ''],
    ['{}', ''],
  ] as const) {
    t.same(read(text), { reason: 'missing_value', detail: `no value for /taxon/a~1b/name${why}` }, text);
  }
});
