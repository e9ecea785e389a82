import { USERS } from '@landfall/contracts/dataset/users';
import t from 'tap';
import { Type } from 'typebox';
import { ApiError } from '../../errors/api-error.ts';
import { filterParameters } from './filter-parameters.ts';
import { compileQueryParser } from './query-string.ts';

const read = compileQueryParser(
  Type.Object(
    {
      ...filterParameters(USERS),
      since: Type.Optional(Type.Integer({ minimum: 1 })),
      format: Type.Optional(Type.Enum(['json', 'csv'])),
    },
    { additionalProperties: false },
  ),
);

t.test('texts are parsed to values', async (t) => {
  t.same(read({}), {});
  t.same(read({ is_image_exists: 'TRUE', min_age: '0', max_age: '150' }), {
    is_image_exists: true,
    min_age: 0,
    max_age: 150,
  });
  t.same(read({ is_image_exists: 'False', min_age: '007' }), { is_image_exists: false, min_age: 7 });
  t.same(read({ user_id: '7' }), { user_id: ['7'] }, 'of one that may be repeated there are always several');
  t.same(read({ user_id: ['7', '', '007'] }), { user_id: ['7', '', '007'] });
  t.same(read({ born_after: '2000-02-29', first_name: 'A*', since: '41', format: 'csv' }), {
    born_after: '2000-02-29',
    first_name: 'A*',
    since: 41,
    format: 'csv',
  });
});

t.test('values come in the order of the schema', async (t) => {
  const [one, other] = [
    { min_age: '5', user_id: '7', format: 'csv', is_image_exists: 'true' },
    { format: 'csv', is_image_exists: 'true', user_id: '7', min_age: '5' },
  ];
  t.equal(JSON.stringify(read(one)), JSON.stringify(read(other)));
});

t.test('an invalid value is an error that names the parameter', async (t) => {
  for (const [name, text] of [
    ['min_age', '151'],
    ['min_age', '-1'],
    ['min_age', '1e1'],
    ['min_age', ' 5'],
    ['min_age', '5.0'],
    ['min_age', '0x10'],
    ['min_age', ''],
    ['min_age', '9'.repeat(40)],
    ['is_image_exists', '1'],
    ['is_image_exists', 'yes'],
    ['is_image_exists', ''],
    ['limit', '10'],
    ['Min_Age', '5'],
    ['__proto__', 'x'],
    ['constructor', 'x'],
    ['min_age', ['1', '2']],
    ['first_name', ''],
    ['first_name', ['A', 'B']],
    ['born_after', '2001-02-29'],
    ['born_after', '2000-2-9'],
    ['born_before', '2000-01-01T00:00:00Z'],
    ['born_before', 'yesterday'],
    ['since', '0'],
    ['format', 'xml'],
    ['format', 'JSON'],
    ['user_id', Array(1_001).fill('7')],
  ] as const) {
    const texts = Object.assign(Object.create(null), { [name]: text });
    t.throws(() => read(texts), { code: 'bad_parameter', more: { parameters: [name] } }, `${name}=${text}`);
  }
});

t.test('one error names all faults', async (t) => {
  try {
    read({ limit: '3', min_age: 'x', is_image_exists: 'true' });
    t.fail('it throws');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    t.same(error.more.parameters, ['limit', 'min_age']);
    t.match(error.message, /limit is unknown; known are is_image_exists, .*, format; min_age is "x"/);
  }
});

t.test('an unknown parameter near a known one gets a hint', async (t) => {
  const message =
    /^lastname is unknown: did you mean last_name\?; known are .*; minage is unknown: did you mean min_age\?$/;
  t.throws(() => read({ lastname: 'x', minage: '5' }), { message });
});

t.test('every safe integer can be asked for', async (t) => {
  const field = { name: 'v', type: 'integer' } as const;
  const readNumber = compileQueryParser(
    Type.Object(filterParameters({ ...USERS, fields: [field], derived: [] }), {
      additionalProperties: false,
    }),
  );
  for (const value of [0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1e15]) {
    t.same(readNumber({ v: String(value), min_v: String(value) }), { v: value, min_v: value });
  }
  for (const text of ['9007199254740992', '-9007199254740992', '9'.repeat(400), '1e3', '5.0', '']) {
    const message = /^v is .*, but must be an integer from -9007199254740991 to 9007199254740991$/;
    t.throws(() => readNumber({ v: text }), { code: 'bad_parameter', message }, text);
  }
  t.throws(() => read({ min_age: '0'.repeat(15) + 7 }), { code: 'bad_parameter' }, 'of years, 15 digits');
});

t.test('a missing required parameter is an error', async (t) => {
  const readSince = compileQueryParser(Type.Object({ since: Type.Integer({ minimum: 1, maximum: 9 }) }));
  t.same(readSince({ since: '3' }), { since: 3 });
  t.throws(() => readSince({}), { message: 'since is missing', more: { parameters: ['since'] } });
});
