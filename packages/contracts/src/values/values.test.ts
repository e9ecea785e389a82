import fc from 'fast-check';
import t from 'tap';
import type { Field } from '../dataset/definition.ts';
import { decimalText, parseDecimal } from './decimal.ts';
import { isKept, scaledValue } from './exact-number.ts';
import { readText } from './read-text.ts';
import { instantOf, storedTime } from './time.ts';

const field = <F extends object>(options: F) => ({ name: 'f', ...options }) as unknown as Field;

t.test('texts are read as values, or refused with a reason', async (t) => {
  const integer = field({ type: 'integer', minimum: -5, maximum: 1_000 });
  const decimal = field({ type: 'decimal', scale: 2, minimum: -1.5 });
  const unit = (unit: string) => field({ type: 'timestamp', unit });
  const cases: [Field, string, string | number | RegExp][] = [
    [field({ type: 'string' }), 'e\u0301', 'é'],
    [field({ type: 'enum', values: ['CHF', 'é'] }), 'CHF', 'CHF'],
    [field({ type: 'enum', values: ['CHF', 'é'] }), 'e\u0301', 'é'],
    [field({ type: 'enum', values: ['CHF', 'EUR'] }), 'chf', /none of CHF, EUR/],
    ...(['true', 'TRUE', '1'] as const).map((text): [Field, string, number] => [
      field({ type: 'boolean' }),
      text,
      1,
    ]),
    ...(['false', 'False', '0'] as const).map((text): [Field, string, number] => [
      field({ type: 'boolean' }),
      text,
      0,
    ]),
    [field({ type: 'boolean' }), 'yes', /not true, false, 1 or 0/],
    [integer, '12', 12],
    [integer, '-0', 0],
    [integer, '007', 7],
    [integer, '5.0', /not an integer/],
    [integer, '1e2', /not an integer/],
    [integer, '+5', /not an integer/],
    [integer, '-6', /below -5/],
    [integer, '1001', /above 1000/],
    [field({ type: 'integer' }), '9007199254740993', /too many digits/],
    [decimal, '12.5', 1_250],
    [decimal, '12', 1_200],
    [decimal, '-0.00', 0],
    [decimal, '-1.50', -150],
    [decimal, '-1.51', /below -1.5/],
    [decimal, '0.125', /^has 3 digits after the point; at most 2 may be there$/],
    [field({ type: 'decimal', scale: 0 }), '0.5', /^has 1 digit after the point; none may be there$/],
    [decimal, '1e2', /not a decimal/],
    [decimal, '.5', /not a decimal/],
    [decimal, '5.', /not a decimal/],
    [decimal, '1,5', /not a decimal/],
    [decimal, '99999999999999999', /too many digits/],
    [field({ type: 'date' }), '2000-02-29', '2000-02-29'],
    [field({ type: 'date' }), '20000229', '2000-02-29'],
    [field({ type: 'date' }), '0000-01-01', '0000-01-01'],
    [field({ type: 'date' }), '1900-02-29', /not a day of the calendar/],
    [field({ type: 'date' }), '2000-13-01', /not a day of the calendar/],
    [field({ type: 'date' }), '2000-0229', /not a day/],
    [field({ type: 'date' }), '29.2.2000', /not a day/],
    [unit('ms'), '-5', -5],
    [unit('ms'), '8640000000000001', /range of dates/],
    [unit('s'), '8640000000000', 8_640_000_000_000],
    [unit('s'), '8640000000001', /range of dates/],
    [unit('iso'), '2000-12-31T23:59:59Z', '2000-12-31T23:59:59.000Z'],
    [unit('iso'), '2000-12-31t23:59:59.5z', '2000-12-31T23:59:59.500Z'],
    [unit('iso'), '2000-12-31T23:59:59.123+01:30', '2000-12-31T22:29:59.123Z'],
    [unit('iso'), '2000-12-31T23:59:59', /offset/],
    [unit('iso'), '2000-12-31', /offset/],
    [unit('iso'), '2000-12-31T24:00:00Z', /offset/],
    [unit('iso'), '2000-12-31T23:59:60Z', /offset/],
    [unit('iso'), '2000-12-31T23:59:59.1234Z', /offset/],
    [unit('iso'), '2001-02-29T00:00:00Z', /years 0000 to 9999/],
    [unit('iso'), '0000-01-01T00:00:00+01:00', /years 0000 to 9999/],
  ];
  for (const [type, text, expected] of cases) {
    const value = readText(type, text);
    const what = `${type.type} ${text}`;
    if (!(expected instanceof RegExp)) t.equal(value, expected, what);
    else t.match(value, { problem: expected }, what);
  }
});

t.test('a decimal and its text are one to one', async (t) => {
  const scaled = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -2_000, max: 2_000 }));
  fc.assert(
    fc.property(scaled, fc.integer({ min: 0, max: 9 }), (value, scale) => {
      const text = decimalText(value, scale);
      t.match(text, scale === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${scale}}$`));
      t.equal(parseDecimal(text, scale), value + 0);
      // An independent computation with integers of any size.
      const digits = text.replace('.', '');
      t.equal(BigInt(digits), BigInt(value));
    }),
    { numRuns: 2_000 },
  );
});

t.test('a bound that JSON keeps has the stored value of its text', async (t) => {
  const stored = fc.oneof(fc.maxSafeInteger(), fc.integer());
  let kept = 0;
  fc.assert(
    fc.property(stored, fc.integer({ min: 0, max: 9 }), (value, scale) => {
      const text = decimalText(value, scale);
      if (!isKept(text)) return;
      kept++;
      t.equal(scaledValue(Number(text), scale), value, `${text} with scale ${scale}`);
    }),
    { numRuns: 5_000 },
  );
  t.ok(kept > 2_000, `${kept} of them were kept`);
  for (const text of ['1e5', '1E+5', '-0.0', '0e9', '1.50', '5e-324', '123e-2']) t.ok(isKept(text), text);
  for (const text of ['9007199254740993', '1e400', '1e-400', `1${'0'.repeat(50)}1`])
    t.notOk(isKept(text), text);
});

t.test('stored times have the order of the instants', async (t) => {
  const fields = [
    field({ type: 'timestamp', unit: 'ms' }),
    field({ type: 'timestamp', unit: 's' }),
    field({ type: 'timestamp', unit: 'iso' }),
    field({ type: 'date' }),
  ] as Parameters<typeof storedTime>[0][];
  const DAY = 86_400_000;
  const day = fc.integer({ min: Date.parse('0000-01-01') / DAY, max: Date.parse('9999-12-31') / DAY });
  fc.assert(
    fc.property(day, day, (a, b) => {
      for (const each of fields) {
        const [first, second] = [storedTime(each, a * DAY), storedTime(each, b * DAY)];
        t.equal(first < second, a < b, `${first} ${second}`);
        t.equal(instantOf(each, first), a * DAY);
      }
    }),
    { numRuns: 500 },
  );
  for (const each of fields) {
    const end = storedTime(each, Date.parse('+010000-01-01'));
    t.ok(
      end > storedTime(each, Date.parse('9999-12-31T23:59:59Z')),
      'the end of the year 9999 is after all times',
    );
    t.equal(instantOf(each, end), Date.parse('+010000-01-01'));
  }
});

t.test('a date is a day that Date knows as well', async (t) => {
  const part = (most: number) => fc.integer({ min: 0, max: most });
  const date = field({ type: 'date' });
  fc.assert(
    fc.property(
      fc.oneof(part(9_999), fc.constantFrom(1900, 2000, 2024)),
      part(13),
      part(32),
      (year, month, day) => {
        const iso = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const ms = Date.parse(`${iso}T00:00:00Z`);
        const isDay = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(iso);
        t.equal(readText(date, iso) === iso, isDay, iso);
      },
    ),
    { numRuns: 2_000 },
  );
});
