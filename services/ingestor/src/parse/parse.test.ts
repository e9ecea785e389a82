import { maxRecordBytes } from '@landfall/contracts/dataset/definition';
import { USERS } from '@landfall/contracts/dataset/users';
import fc from 'fast-check';
import t from 'tap';
import { isFault } from '../source/record.ts';
import { recordParser } from './parse.ts';
import { isBlank } from './visible-text.ts';

const HEADER = 'first_name, last_name, birthts\n';
const ADA = { first_name: 'Ada', last_name: 'Lovelace', birthts: -4861728000000 };
const { parse: parseRecord } = recordParser(USERS);
const parse = (text: string) => parseRecord(Buffer.from(text));

t.test('accepted variations', async (t) => {
  const cases: [string, string][] = [
    ['a blank after each comma', `${HEADER}Ada, Lovelace, -4861728000000\n`],
    ['no blanks', 'first_name,last_name,birthts\nAda,Lovelace,-4861728000000\n'],
    ['more blanks, and tabs', '  first_name ,\tlast_name,birthts  \n Ada ,\tLovelace , -4861728000000 \n'],
    ['no end of line at the end', `${HEADER}Ada, Lovelace, -4861728000000`],
    ['CRLF', `${HEADER}Ada, Lovelace, -4861728000000\n`.replaceAll('\n', '\r\n')],
    ['a byte-order mark', `\ufeff${HEADER}Ada, Lovelace, -4861728000000\n`],
    ['quoted', '"first_name","last_name","birthts"\n"Ada","Lovelace","-4861728000000"\n'],
    ['quoted after a blank', `${HEADER}"Ada", "Lovelace", "-4861728000000"\n`],
    ['quoted with blanks inside', `${HEADER}" Ada ", "Lovelace ", " -4861728000000"\n`],
    ['another order', 'birthts, last_name, first_name\n-4861728000000, Lovelace, Ada\n'],
    [
      'more columns',
      'id, first_name, nick, last_name, birthts, city\n7, Ada, , Lovelace, -4861728000000, London\n',
    ],
    ['empty lines', `\n${HEADER}\n   \nAda, Lovelace, -4861728000000\n\n\n`],
    ['leading zeros', `${HEADER}Ada, Lovelace, -04861728000000\n`],
    ['rows without a value', `${HEADER}Ada, Lovelace, -4861728000000\n,,\n, ,\n`],
    ['rows without a value first', `,,\r\n${HEADER},,\r\nAda, Lovelace, -4861728000000\n`],
    ['quoted rows without a value', `${HEADER}Ada, Lovelace, -4861728000000\n"","",""\n" ",,"\u200b"\n`],
    ['rows of other lengths without a value', `,,,,\n${HEADER},\nAda, Lovelace, -4861728000000\n""\n,,,`],
    ['line ends of two kinds', `first_name,last_name,birthts\r\nAda,Lovelace,-4861728000000\n,,\r\n`],
    ['\\r\\r\\n', `${HEADER}Ada, Lovelace, -4861728000000\n`.replaceAll('\n', '\r\r\n')],
    ['\\r', `${HEADER}Ada, Lovelace, -4861728000000\n`.replaceAll('\n', '\r')],
  ];
  for (const [name, text] of cases) t.same(parse(text), ADA, name);
});

t.test('text is stored unchanged', async (t) => {
  for (const [written, name] of [
    ['"Lovelace, Countess"', 'Lovelace, Countess'],
    ['"Ada ""Zaza"" L"', 'Ada "Zaza" L'],
    ['"two\nlines"', 'two\nlines'],
    ['O’Neil', 'O’Neil'],
    ['髙橋 さくら', '髙橋 さくら'],
    ['Jose\u0301', 'Jos\u00e9'],
    ['\u212bngstro\u0308m', '\u00c5ngstr\u00f6m'],
    ['"Jose\u0301"', 'Jos\u00e9'],
    ['Zwsp\u200b', 'Zwsp\u200b'],
    ['नमस्\u200dते', 'नमस्\u200dते'],
    ['"a\r\r\nb"', 'a\r\r\nb'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['=1+1', '=1+1'],
    ['null', 'null'],
    ['constructor', 'constructor'],
  ] as const) {
    t.match(parse(`${HEADER}${written}, x, 5\n`), { first_name: name }, written);
  }
});

t.test('valid timestamps', async (t) => {
  for (const [written, birthts] of [
    ['0', 0],
    ['-0', 0],
    ['-1', -1],
    ['8640000000000000', 8.64e15],
    ['-8640000000000000', -8.64e15],
  ] as const) {
    const reading = parse(`${HEADER}Ada, Lovelace, ${written}\n`);
    t.ok(!isFault(reading) && Object.is(reading.birthts, birthts), written);
  }
});

const row = (...values: string[]) => `${HEADER}${values.join(', ')}\n`;

t.test('faults with their reasons and positions', async (t) => {
  const cases: [name: string, text: string, reason: string, detail: RegExp][] = [
    ['nothing', '', 'empty', /0 bytes/],
    ['blanks and lines', ' \n\r\n\t\n', 'empty', /6 bytes/],
    ['a byte-order mark alone', '\ufeff', 'empty', /3 bytes/],
    [
      'a quote that does not end',
      `${HEADER}"Ada, Lovelace, 5\n`,
      'malformed_csv',
      /^line 2, column 1: a quote is not closed$/,
    ],
    [
      'a quote in the middle',
      `${HEADER}A"d"a, Lovelace, 5\n`,
      'malformed_csv',
      /^line 2, column 1: a quote inside/,
    ],
    ['something after a quote', `${HEADER}Ada, "L"x, 5\n`, 'malformed_csv', /^line 2, column 2: text after/],
    ['a value too few', row('Ada', 'Lovelace'), 'malformed_csv', /^line 2: 2 values/],
    ['a value too many', row('Ada', 'Lovelace', '5', 'x'), 'malformed_csv', /^line 2: 4 values/],
    [
      'a column twice',
      'first_name, first_name, last_name, birthts\na, b, c, 5\n',
      'malformed_csv',
      /^line 1, column 2: first_name occurs twice$/,
    ],
    [
      'a column missing',
      'first_name, birthts\nAda, 5\n',
      'missing_column',
      /^line 1: there is no last_name; found "first_name", "birthts"$/,
    ],
    [
      'all columns missing',
      'a,b\n1,2\n',
      'missing_column',
      /first_name, last_name, birthts; found "a", "b"$/,
    ],
    [
      'semicolons',
      'first_name;last_name;birthts\nLove,lace;L;5\n',
      'missing_column',
      /^line 1: there is no first_name, last_name, birthts; the line has no comma, .* semicolons$/,
    ],
    ['tabs', 'first_name\tlast_name\tbirthts\nA\tL\t5\n', 'missing_column', /no comma, .* tabs$/],
    [
      'semicolons below',
      `${HEADER}Ada;L;5\n`,
      'malformed_csv',
      /^line 2: 1 values, .*; the line has no comma, .* semicolons$/,
    ],
    [
      'columns with other capitals',
      'First_Name, last_name, birthts\nAda, L, 5\n',
      'missing_column',
      /^line 1: there is no first_name; found "First_Name", "last_name", "birthts"; names are case-sensitive$/,
    ],
    ['columns with a blank', 'First Name, last_name, birthts\nA, L, 5\n', 'missing_column', /"birthts"$/],
    [
      'an invisible character in a column',
      '\u200bfirst_name,last_name,birthts\nA,L,5\n',
      'missing_column',
      /found "<U\+200B>first_name"/,
    ],
    ['very many columns', `${'x,'.repeat(1_000)}y\n`, 'missing_column', /^.{0,200} and 991 more$/],
    [
      'an invisible character in a birth',
      row('A', 'L', '\u200b5'),
      'invalid_birthts',
      /"<U\+200B>5" is not an integer/,
    ],
    [
      'an invisible name',
      row('\u200b', 'L', '5'),
      'missing_value',
      /^line 2, column 1: no value for first_name$/,
    ],
    ['a mark alone', row('A', '\u0301', '5'), 'missing_value', /no value for last_name$/],
    ['a filler', row('"\u3164\u00ad"', 'L', '5'), 'missing_value', /no value for first_name$/],
    ['a NUL', row('A', 'L\0L', '5'), 'malformed_csv', /^line 2, column 2: a NUL character/],
    ['a NUL alone', row('\0', 'L', '5'), 'malformed_csv', /^line 2, column 1: a NUL character/],
    [
      'a NUL in a header',
      `first\0_name, last_name, birthts\nA, L, 5\n`,
      'malformed_csv',
      /^line 1, column 1: a NUL/,
    ],
    [
      'a NUL in a column of no concern',
      'x,first_name,last_name,birthts\na\0,A,L,5\n',
      'malformed_csv',
      /^line 2, column 1/,
    ],
    ['nothing but commas, no header', ',,\n,,\n', 'empty', /^no value in 6 bytes$/],
    [
      'two rows with a value beside rows without',
      `,,\n${HEADER},,\nA,L,5\n,,\nB,L,6\n`,
      'several_records',
      /^line 6: 2 rows/,
    ],
    ['a row without a value, of another length', `${HEADER},\n`, 'no_record', /^line 1/],
    [
      '\\r\\r\\n, counted once',
      `${HEADER}A, L, x\n`.replaceAll('\n', '\r\r\n'),
      'invalid_birthts',
      /^line 2, column 3/,
    ],
    ['no header', 'Ada, Lovelace, 5\n', 'missing_column', /first_name/],
    ['a header alone', HEADER, 'no_record', /^line 1: a header/],
    ['two rows', `${row('Ada', 'L', '5')}Alan, T, 6\n`, 'several_records', /^line 3: 2 rows/],
    [
      'no first name',
      row('', 'Lovelace', '5'),
      'missing_value',
      /^line 2, column 1: no value for first_name$/,
    ],
    ['a blank first name', row('"  "', 'Lovelace', '5'), 'missing_value', /first_name/],
    ['no birth', row('Ada', 'Lovelace', ''), 'missing_value', /^line 2, column 3: .*birthts/],
    ['nothing but commas', row('', '', ''), 'missing_value', /first_name, last_name, birthts/],
    ['a date', row('Ada', 'L', '1815-12-10'), 'invalid_birthts', /^line 2, column 3: "1815-12-10"/],
    [
      'a bad birth after a name of two lines',
      `\n${HEADER}\n"A\nB", L, x\n`,
      'invalid_birthts',
      /^line 5, column 3:/,
    ],
    ['a fraction', row('Ada', 'L', '12.0'), 'invalid_birthts', /"12.0"/],
    ['an exponent', row('Ada', 'L', '1e3'), 'invalid_birthts', /"1e3"/],
    ['a plus', row('Ada', 'L', '+5'), 'invalid_birthts', /"\+5"/],
    ['beyond dates', row('Ada', 'L', '8640000000000001'), 'invalid_birthts', /outside/],
    ['far beyond', row('Ada', 'L', `-${'9'.repeat(400)}`), 'invalid_birthts', /…/],
    ['Arabic digits', row('Ada', 'L', '٥'), 'invalid_birthts', /integer/],
  ];
  for (const [name, text, reason, detail] of cases) t.match(parse(text), { reason, detail }, name);
});

t.test('bytes that are not UTF-8', async (t) => {
  for (const bytes of [
    [0xff],
    [...Buffer.from(HEADER), 0xc3],
    [0xed, 0xa0, 0x80],
    [0xfe, 0xff, 0x00, 0x66],
  ]) {
    t.match(parseRecord(Uint8Array.from(bytes)), { reason: 'not_utf8' });
  }
});

t.test('UTF-16 without a byte-order mark', async (t) => {
  const text = Buffer.from(`${HEADER}Ada, Lovelace, 5\n`, 'utf16le');
  const detail = /every second byte is NUL: probably UTF-16/;
  t.match(parseRecord(text), { reason: 'not_utf8', detail });
  t.match(parseRecord(text.swap16()), { reason: 'not_utf8', detail });
});

t.test('64 KiB is the maximum size', async (t) => {
  const good = row('Ada', 'Lovelace', '5');
  const filled = good + '\n'.repeat(maxRecordBytes(USERS) - good.length);
  t.match(parse(filled), { first_name: 'Ada' });
  t.match(parse(`${filled}\n`), { reason: 'too_large', detail: /65537 bytes/ });
});

t.test('arbitrary values written as CSV are read back', async (t) => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .map((text) => text.trim().normalize('NFC'))
    .filter((text) => !isBlank(text) && !text.includes('\0'));
  const birth = fc.integer({ min: -8.64e15, max: 8.64e15 });
  const blank = fc.constantFrom('', ' ', '  ', '\t');
  fc.assert(
    fc.property(name, name, birth, blank, fc.boolean(), (first_name, last_name, birthts, blanks, crlf) => {
      const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
      const end = crlf ? '\r\n' : '\n';
      const values = [quote(first_name), quote(last_name), String(birthts)].join(`,${blanks}`);
      t.same(parse(`first_name,last_name,birthts${end}${values}${end}`), { first_name, last_name, birthts });
    }),
    { numRuns: 500 },
  );
});

t.test('arbitrary bytes give a reading', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const reading = parseRecord(bytes);
      t.ok(isFault(reading) || Number.isInteger(reading.birthts));
    }),
  );
});

t.test('texts similar to records give a reading with visible values in NFC', async (t) => {
  const piece = fc.oneof(
    fc.constantFrom(
      HEADER,
      'first_name',
      'last_name',
      'birthts',
      'Ada',
      '5',
      ',',
      ',,',
      '\n',
      '\r',
      '"',
      ' ',
    ),
    fc.constantFrom('\0', '\u200b', 'e\u0301', '\ufeff', ';', '\t', '\u3164', '\u0301'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.boolean(), fc.array(piece, { maxLength: 14 }), (hasHeader, pieces) => {
      const reading = parse((hasHeader ? HEADER : '') + pieces.join(''));
      if (isFault(reading)) return;
      for (const name of [reading.first_name, reading.last_name]) {
        if (typeof name !== 'string') throw new Error('a name is text');
        t.ok(!isBlank(name) && name === name.normalize('NFC') && !name.includes('\0'), JSON.stringify(name));
      }
    }),
    { numRuns: 5_000 },
  );
});
