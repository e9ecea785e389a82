import fc from 'fast-check';
import t from 'tap';
import { DefinitionError } from './definition-error.ts';
import { parseDefinition } from './parse-definition.ts';

/** The pointers of all faults with their hints, or messages without one. */
function faultsOf(definition: unknown): Record<string, string> {
  try {
    parseDefinition(JSON.stringify(definition), 'x.json');
    return {};
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return Object.fromEntries(error.faults.map(({ pointer, message, hint }) => [pointer, hint ?? message]));
  }
}

const STATION = {
  name: 'stations',
  one: 'station',
  records: '{station_id}.json',
  fields: [
    { name: 'opened', type: 'date' },
    { name: 'height', type: 'decimal', scale: 1 },
  ],
};

t.test('faults of all kinds are reported together, with hints', async (t) => {
  t.same(
    faultsOf({
      name: 'Stations',
      one: 'station_id',
      record: '{station_id}.json',
      records: '{station_id}.json',
      missing: ['', 5, ' n/a '],
      fields: [
        { name: 'opened', type: 'dat' },
        { name: 'height', type: 'decimal', scale: 12, minimum: 5, maximum: 4 },
        { name: 'kind', type: 'enum', values: ['a', 5, 'a', 'n/a'] },
        { name: 'height', type: 'int', optinal: true },
        'code',
        { name: 'code', type: 'string', from: 'code', past: true },
        { name: 'built', type: 'timestamp', unit: 'min', asked_as: 'opened' },
        { name: 'limit', type: 'boolean', optional: 'yes' },
      ],
      companions: [
        { name: 'photo', files: '{station_id}.{jpg,jpg}' },
        { name: 'photo', file: '{station_id}.png' },
        { name: 'plan', files: '{station}.pdf' },
        { name: 'raw', files: '{station_id}.JSON' },
        { name: 'copy', files: '{station_id}.json' },
      ],
      derived: [
        { name: 'age', years_since: 'openned', maximum: 9 },
        { name: 'years', years_since: 'opened', maximum: 0 },
      ],
      statistics: ['agee'],
    }),
    {
      '/name': 'a name has lower-case letters, digits and single underscores, and begins with a letter',
      '/one': 'choose another word for one row',
      '/record': 'did you mean `records`?',
      '/missing/1': 'must be string',
      '/fields/0/type': 'did you mean `date`?',
      '/fields/1/scale': 'must be <= 9',
      '/fields/1/minimum': 'is above the maximum',
      '/fields/2/values/1': 'must be string',
      '/fields/2/values/2': 'a occurs twice',
      '/fields/2/values': 'n/a is in `missing` as well',
      '/fields/3/type': 'did you mean `integer`?',
      '/fields/3': 'rename one of the two',
      '/fields/3/optinal': 'did you mean `optional`?',
      '/fields/3/name': 'rename one of the two',
      '/fields/4': 'must be object',
      '/fields/5/past': 'known are name, from, optional, description, type',
      '/fields/5/from': 'write it as /member/member',
      '/fields/6': 'rename one of the two',
      '/fields/6/unit': 'must be one of ms, s, iso',
      '/fields/7/name': 'choose another name',
      '/fields/7': 'choose another name',
      '/fields/7/optional': 'must be boolean',
      '/companions/0/files': '{station_id}.{jpg,jpg} is not a key pattern',
      '/companions/1': 'rename one of the two',
      '/companions/1/name': 'rename one of the two',
      '/companions/1/file': 'did you mean `files`?',
      '/companions/1/files': 'is missing',
      '/companions/2/files': 'must have {station_id}, as the pattern of the records',
      '/companions/3/files': '{station_id}.JSON is not a key pattern; write {station_id}.json',
      '/companions/4/files':
        'can never have a file: every key that it matches belongs to a pattern before it',
      '/derived/0/years_since': 'did you mean `opened`?',
      '/derived/1/maximum': 'must be >= 1',
      '/statistics/0': 'did you mean `age`?',
    },
  );
});

t.test('a fault does not cause others', async (t) => {
  const derived = [{ name: 'age', years_since: 'opened', maximum: 9 }];
  const companions = [{ name: 'photo', files: '{station_id}.jpg' }];
  const all = { ...STATION, derived, companions, statistics: ['age'] };
  const [opened, height] = STATION.fields;
  for (const [what, changes, expected] of [
    ['none', {}, []],
    ['no fields', { fields: undefined }, ['/fields']],
    ['fields that are none', { fields: 'opened' }, ['/fields']],
    ['no records', { records: undefined }, ['/records']],
    ['records that are no pattern', { records: 'a*{b.json' }, ['/records']],
    ['a type that is derived from', { fields: [{ ...opened, type: 'day' }, height] }, ['/fields/0/type']],
    ['no scale', { fields: [opened, { ...height, scale: undefined, minimum: 0.25 }] }, ['/fields/1/scale']],
    ['no values', { fields: [opened, { name: 'kind', type: 'enum' }] }, ['/fields/1/values']],
    ['a companion that is none', { companions: [5] }, ['/companions/0']],
    ['a derived value that is none', { derived: [null], statistics: [] }, ['/derived/0']],
    [
      'nothing',
      { ...Object.fromEntries(Object.keys(all).map((name) => [name, undefined])) },
      ['/name', '/one', '/records', '/fields'],
    ],
  ] as const)
    t.same(Object.keys(faultsOf({ ...all, ...changes })), expected, what);
});

t.test('hostile definitions', async (t) => {
  const field = (name: string) => ({ name, type: 'string' });
  const words = [
    'select',
    'from',
    'where',
    'order',
    'group',
    'table',
    'index',
    'null',
    'values',
    'rowid',
    'constructor',
  ];
  t.same(faultsOf({ ...STATION, fields: words.map(field) }), {}, 'SQL words are names');
  const many = Array.from({ length: 200 }, (_, i) => ({ ...field(`f_${i}`), past: i }));
  const faults = faultsOf({ ...STATION, fields: many, name: 'select', one: 5 });
  t.match(faults, { '/fields': /100 items/, '/one': /string/, '/fields/99/past': /known are/ });
  t.notOk('/fields/100/past' in faults, 'only the first 100 fields are checked');
  for (const [name, what] of [
    ['__proto__', 'of an object'],
    ['x'.repeat(100_000), 'a long one'],
    ['a/b~c', 'with characters of pointers'],
  ] as const) {
    const definition = JSON.parse(
      JSON.stringify(STATION).replace('"name"', `${JSON.stringify(name)}:1,"name"`),
    );
    t.match(Object.keys(faultsOf(definition)), [`/${name.replace('~', '~0').replace('/', '~1')}`], what);
  }
  t.throws(() => parseDefinition(`{"fields": ${'['.repeat(5_000)}`, 'x.json'), {
    message: / {2}- \/: line 1, column 111: values are nested more than 100 levels deep$/,
  });
  t.match(faultsOf({ ...STATION, fields: [{ ...field('deep'), from: '/a'.repeat(101) }] }), {
    '/fields/0/from': 'has 101 levels; a record has at most 100',
  });
  const companions = [{ name: 'scan', files: '**/{hb}/scan.{png}' }];
  t.throws(() => parseDefinition(JSON.stringify({ ...STATION, companions }), 'x.json'), {
    message:
      /braces around one .*not a key pattern; write \*\*\/\{hb\}\/scan\.png\)\n.*must have \{station_id\}/,
  });
  t.match(faultsOf({ ...STATION, records: `{${'a'.repeat(41)}}.csv` }), {
    '/records': /is not a key pattern/,
  });
  t.match(
    faultsOf({
      ...STATION,
      companions: [
        { name: 'all', files: '**/{station_id}.{pdf,txt}' },
        { name: 'some', files: 'a/*/{station_id}.txt' },
        { name: 'rest', files: 'a/*/{station_id}.png' },
      ],
    }),
    { '/companions/1/files': /can never have a file/ },
    'a pattern that overlaps',
  );
});

t.test('an arbitrary change of a definition is accepted, or a fault', async (t) => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('name', 'opened', 'date', '{a}.csv', '__proto__', 1e300, -1, '', null),
  );
  const base = {
    ...STATION,
    missing: [''],
    companions: [{ name: 'photo', files: '{station_id}.jpg', column: 'photo' }],
    derived: [{ name: 'age', years_since: 'opened', maximum: 9 }],
    statistics: ['age'],
  };
  const paths = pathsOf(base);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...paths), value), { maxLength: 3 }),
      async (changes) => {
        const definition = structuredClone(base);
        for (const [path, next] of changes) setAt(definition, path, next);
        const pointers = Object.keys(faultsOf(definition));
        t.ok(pointers.every((pointer) => pointer === '' || pointer.startsWith('/')));
      },
    ),
    { numRuns: 500 },
  );
});

/** The paths of all values in a value. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, each]) => [
    [...path, name],
    ...pathsOf(each, [...path, name]),
  ]);
}

function setAt(value: object, [name = '', ...rest]: string[], next: unknown): void {
  const inner: unknown = Reflect.get(value, name);
  if (rest.length === 0) Reflect.set(value, name, next);
  else if (typeof inner === 'object' && inner !== null) setAt(inner, rest, next);
}
