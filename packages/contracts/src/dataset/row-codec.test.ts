import fc from 'fast-check';
import t from 'tap';
import { type Reject, rejectReasons } from './reject.ts';
import { formatReject, readRejects, rejectsHeader } from './reject-codec.ts';
import { rowCodec } from './row-codec.ts';
import { USERS, type User } from './users.ts';

const codec = rowCodec(USERS);

/** Text with characters that CSV must quote. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '"',
        '""',
        ',',
        '\n',
        '\r',
        '\r\n',
        ' ',
        '\t',
        '=',
        '\ufeff',
        "'",
        ';',
        'ü',
        '😀',
        'a',
        '\\',
        '#',
      ),
      {
        maxLength: 8,
      },
    )
    .map((parts) => parts.join('')),
);
const some = text.filter((value) => value !== '');
const user: fc.Arbitrary<User> = fc.record({
  user_id: some,
  first_name: text,
  last_name: text,
  birthts: fc.oneof(fc.constantFrom(0, -1, 1, 8.64e15, -8.64e15), fc.integer()),
  img_path: fc.option(some, { nil: null }),
});
const reject: fc.Arbitrary<Reject> = fc.record({
  key: some,
  id: some,
  reason: fc.constantFrom(...rejectReasons(USERS)),
  detail: text,
  since: fc.constantFrom('2026-01-02T03:04:05.678Z', '1999-12-31T23:59:59.999Z'),
  kept_previous: fc.boolean(),
});
/** Where to cut the bytes, in characters too. */
const chunkSizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });

t.test('output.csv round-trips, in arbitrary chunks', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(user, { maxLength: 20 }), chunkSizes, async (users, sizes) => {
      const file = Buffer.from(codec.header + users.map(codec.formatRow).join(''));
      const read = await Array.fromAsync(codec.readOutput(chunks(file, sizes)));
      t.same(read.flat(), users);
    }),
    { numRuns: 300 },
  );
});

t.test('a delta round-trips, in arbitrary chunks', async (t) => {
  const change = fc.oneof(
    user.map((each) => ({ id: each.user_id, row: each })),
    some.map((id) => ({ id, row: undefined })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 20 }), chunkSizes, async (changes, sizes) => {
      const file = Buffer.from(codec.deltaHeader + changes.map(codec.formatChange).join(''));
      t.same((await Array.fromAsync(codec.readDelta(chunks(file, sizes)))).flat(), changes);
    }),
    { numRuns: 300 },
  );
  for (const line of ['put,1,Ada,x,y,\n', 'drop,1,Ada,x,5,\n', 'put,1,Ada,x,5\n', '1,Ada,x,5,\n']) {
    await t.rejects(Array.fromAsync(codec.readDelta(chunks(Buffer.from(codec.deltaHeader + line), [9]))), {
      name: 'DataSetFormatError',
    });
  }
});

t.test('rejects.csv round-trips, in arbitrary chunks', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(reject, { maxLength: 20 }), chunkSizes, async (rejects, sizes) => {
      const file = Buffer.from(rejectsHeader(USERS) + rejects.map(formatReject).join(''));
      t.same((await Array.fromAsync(readRejects(USERS, chunks(file, sizes)))).flat(), rejects);
    }),
    { numRuns: 300 },
  );
});

t.test('output.csv is valid RFC 4180', async (t) => {
  fc.assert(
    fc.property(fc.array(user, { maxLength: 20 }), (users) => {
      const rows = naiveRfc4180(codec.header + users.map(codec.formatRow).join(''));
      const expected = users.map((each) => [
        each.user_id,
        each.first_name,
        each.last_name,
        String(each.birthts),
        each.img_path ?? '',
      ]);
      t.same(rows, [['user_id', 'first_name', 'last_name', 'birthts', 'img_path'], ...expected]);
    }),
    { numRuns: 300 },
  );
});

t.test('values are quoted only when necessary', async (t) => {
  const line = (first_name: string) =>
    codec.formatRow({ user_id: '1', first_name, last_name: 'x', birthts: -1, img_path: null });
  for (const [name, expected] of [
    ['Ada', '1,Ada,x,-1,\n'],
    [' Ada ', '1, Ada ,x,-1,\n'],
    ['Ada, Countess', '1,"Ada, Countess",x,-1,\n'],
    ['"Ada"', '1,"""Ada""",x,-1,\n'],
    ['A\nda', '1,"A\nda",x,-1,\n'],
    ['A\rda', '1,"A\rda",x,-1,\n'],
    ['=1+1', '1,=1+1,x,-1,\n'],
  ] as const) {
    t.equal(line(name), expected, JSON.stringify(name));
  }
});

t.test('other formats are errors', async (t) => {
  const header = codec.header;
  for (const [what, file] of [
    ['nothing', ''],
    ['another header', 'a,b,c\n'],
    ['a column too few', `${header}1,Ada,Lovelace,5\n`],
    ['a column too many', `${header}1,Ada,Lovelace,5,,\n`],
    ['a birth that is no number', `${header}1,Ada,Lovelace,x,\n`],
    ['a birth that is no integer', `${header}1,Ada,Lovelace,1.5,\n`],
    ['no birth', `${header}1,Ada,Lovelace,,\n`],
    ['an empty line', `${header}\n`],
    ['a line that does not end', `${header}1,Ada,Lovelace,5,`],
    ['a quote that does not end', `${header}1,"Ada,Lovelace,5,\n`],
    ['a quote within', `${header}1,A"da,Lovelace,5,\n`],
    ['something behind a quote', `${header}1,"Ada"s,Lovelace,5,\n`],
  ] as const) {
    await t.rejects(
      Array.fromAsync(codec.readOutput(chunks(Buffer.from(file), [100]))),
      { name: 'DataSetFormatError' },
      what,
    );
  }
  const wrong = `${rejectsHeader(USERS)}a.csv,a,unheard_of,,2026-01-01T00:00:00.000Z,false\n`;
  await t.rejects(Array.fromAsync(readRejects(USERS, chunks(Buffer.from(wrong), [100]))), {
    name: 'DataSetFormatError',
  });
});

t.test('an error of the source reaches the reader', async (t) => {
  async function* broken() {
    yield Buffer.from(codec.header);
    throw new Error('the connection was lost');
  }
  await t.rejects(Array.fromAsync(codec.readOutput(broken())), { message: 'the connection was lost' });
});

t.test('a reader can stop early', async (t) => {
  const file = Buffer.from(codec.header + '1,a,b,5,\n'.repeat(100_000));
  for await (const [first] of codec.readOutput(chunks(file, [65_536]))) {
    t.equal(first?.user_id, '1');
    break;
  }
});

async function* chunks(bytes: Buffer, sizes: number[]): AsyncIterable<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** The grammar of RFC 4180, section 2, character by character. */
function naiveRfc4180(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (quoted && c === '"' && text[i + 1] === '"') {
      field += '"';
      i++;
    } else if (c === '"') quoted = !quoted;
    else if (quoted || (c !== ',' && c !== '\n')) field += c;
    else {
      row.push(field);
      field = '';
      if (c === '\n') {
        rows.push(row);
        row = [];
      }
    }
  }
  return rows;
}
