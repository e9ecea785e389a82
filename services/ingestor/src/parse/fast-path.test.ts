import { type Definition, type Field, headerOf } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import fc from 'fast-check';
import t from 'tap';
import { plainRecordReader } from './fast-path.ts';
import { recordParser } from './parse.ts';

const readPlainRecord = plainRecordReader(USERS);
const { parseText } = recordParser(USERS);
const HEADER = 'first_name, last_name, birthts\n';

t.test('usual records are read without csv-parse', async (t) => {
  const ada = { first_name: 'Ada', last_name: 'Lovelace', birthts: -4861728000000 };
  for (const text of [
    `${HEADER}Ada, Lovelace, -4861728000000\n`,
    `${HEADER}Ada, Lovelace, -4861728000000`,
    'first_name,last_name,birthts\nAda,Lovelace,-4861728000000\n',
    `${HEADER}  Ada ,\tLovelace, -4861728000000 \n`,
  ]) {
    t.same(readPlainRecord(text), ada, JSON.stringify(text));
  }
  t.ok(Object.is(readPlainRecord(`${HEADER}Ada, Lovelace, -0\n`)?.birthts, 0));
});

/** Texts similar to plain ones, with special characters of both readers anywhere. */
const mark = fc.constantFrom(',', '"', '\n', '\r', ' ', '\t', '\v', '\f', '\0', '-', '+', '.');
const blank = fc.constantFrom(
  '\ufeff',
  '\u00a0',
  '\u0085',
  '\u2028',
  '\u3000',
  '\u200b',
  '\u3164',
  '\u0301',
  '\u00ad',
);
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'Ada',
      'Zoë',
      'Zoe\u0308',
      '髙橋',
      '5',
      '0',
      '-4861728000000',
      '9007199254740993',
    ),
  },
  { weight: 1, arbitrary: mark },
  { weight: 1, arbitrary: blank },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 3 }) },
);
const field = fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join(''));
const header = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(HEADER, 'first_name,last_name,birthts\n') },
  fc.constantFrom('', '\n', `\ufeff${HEADER}`, 'birthts, last_name, first_name\n', 'first_name, last_name\n'),
);
const rest = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('\n', '') },
  fc.constantFrom('\n\n', '\r\n', '\n \n', ',x\n', '\nAlan, Turing, 6\n', '\n,,\n', '\n"",,\n'),
);
const text = fc
  .tuple(header, field, field, fc.oneof(field, fc.integer().map(String)), fc.constantFrom(',', ', '), rest)
  .map(([top, first, last, birth, comma, end]) => top + [first, last, birth].join(comma) + end);

t.test('the fast path and csv-parse read the same', async (t) => {
  let plain = 0;
  fc.assert(
    fc.property(text, (text) => {
      const values = readPlainRecord(text);
      if (values === undefined) return;
      plain++;
      t.same(values, parseText(text, text.length));
    }),
    { numRuns: 10_000 },
  );
  t.ok(plain > 1_000, `${plain} of them were plain`);
});

t.test('a definition with more columns is read the same by both', async (t) => {
  const definition: Definition = {
    ...USERS,
    fields: [
      ...USERS.fields,
      { name: 'hired', type: 'timestamp', unit: 'ms' },
      { name: 'team', type: 'string' },
      { name: 'constructor', type: 'string' },
    ],
  };
  const readPlain = plainRecordReader(definition);
  const { parseText } = recordParser(definition);
  const names = definition.fields.map(({ name }) => name);
  const usual = ['Ada', 'Lovelace', '-5', '7', 'Analytics', 'Babbage'];
  const row = fc.tuple(...usual.map((value) => fc.oneof(fc.constant(value), field)));
  let plain = 0;
  fc.assert(
    fc.property(fc.constantFrom(',', ', '), row, rest, (comma, values, end) => {
      const text = `${names.join(comma)}\n${values.join(comma)}${end}`;
      const record = readPlain(text);
      if (record === undefined) return;
      plain++;
      t.same(Object.keys(record), names);
      t.same(record, parseText(text, text.length));
    }),
    { numRuns: 5_000 },
  );
  t.ok(plain > 100, `${plain} of them were plain`);
  t.equal(readPlain(`${names.join()}\n${usual.slice(1).join()}\n`), undefined, 'a value too few');
  t.equal(readPlain(`${names.join()}\n${usual.join()},x\n`), undefined, 'a value too many');
});

/** Texts that mean missing in a definition, and values in a record. */
const token = fc.constantFrom('0', '-0', '7', '-', 'a', 'x y', '');
const anyField = fc.constantFrom<Field>(
  { name: 'f', type: 'timestamp', unit: 'ms' },
  { name: 'f', type: 'timestamp', unit: 's' },
  { name: 'f', type: 'integer' },
  { name: 'f', type: 'string' },
);
const from = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  fc.constantFrom('a,b', 'a\nb', 'a\rb', 'a"b', '\u3164', 'a'),
);
const anyDefinition = fc
  .record({
    fields: fc.array(fc.tuple(anyField, from, fc.boolean()), { minLength: 1, maxLength: 3 }),
    missing: fc.array(token, { maxLength: 3 }),
  })
  .map(
    ({ fields, missing }): Definition => ({
      ...USERS,
      missing,
      fields: fields.map(([field, from, optional], i) => ({
        ...field,
        name: `f${i}`,
        ...(from === undefined ? {} : { from: `${from}${from === '\u3164' ? '' : i}` }),
        ...(optional ? { optional } : {}),
      })),
    }),
  );

t.test('any definition is read the same by both', async (t) => {
  let plain = 0;
  const rows = fc.array(token, { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(
      anyDefinition,
      rows,
      fc.constantFrom('', '\n', '\n\n', '\n \n'),
      fc.constantFrom(true, true, true, false),
      (definition, values, end, hasRow) => {
        const names = definition.fields.map(headerOf);
        const row = values.slice(0, names.length).join();
        const text = `${names.join()}\n${hasRow ? row : ''}${end}`;
        const record = plainRecordReader(definition)(text);
        if (record === undefined) return;
        plain++;
        const { missing, fields } = definition;
        t.same(
          record,
          recordParser(definition).parseText(text, text.length),
          JSON.stringify({ text, missing, fields }),
        );
      },
    ),
    { numRuns: 10_000 },
  );
  t.ok(plain > 500, `${plain} of them were plain`);
});

t.test('missing numbers, headers alone and headers that need quotes are read as by csv-parse', async (t) => {
  const at: Field = { name: 'at', type: 'timestamp', unit: 'ms' };
  const note: Field = { name: 'note', type: 'string', optional: true };
  const cases: [fields: Field[], text: string, expected: object][] = [
    [[at, note], 'at,note\n0,x', { reason: 'missing_value' }],
    [[note], 'note\n', { reason: 'no_record' }],
    [[note], 'note\r\n', { reason: 'no_record' }],
    [[note], 'note\n\n', { reason: 'no_record' }],
    [[at, { ...note, from: 'b,c' }], 'at,b,c\n1,2\n', { reason: 'malformed_csv' }],
  ];
  for (const [fields, text, expected] of cases) {
    const definition: Definition = { ...USERS, fields, missing: ['', '0'] };
    t.match(recordParser(definition).parse(Buffer.from(text)), expected, JSON.stringify(text));
  }
});
