import type { Field } from '@landfall/contracts/dataset/definition';
import { BOUNDS, ENUM_VALUES } from '@landfall/contracts/definition/_any-definition';
import fc from 'fast-check';

/** A value as it is written in a record, and what it means. */
export interface Cell {
  /** The text of a CSV value without its quotes, or JSON text; undefined when the record has no such column or member. */
  written: string | undefined;
  /** The text in output.csv; empty for a missing value. */
  canonical: string;
}

/** A cell that makes its record a reject. */
export interface FaultyCell {
  written: string | undefined;
  reason: string;
}

/** Times that are not in the future are before this one, ms since 1970 UTC. */
const PAST = Date.UTC(2026, 4, 1);
const FAR = Date.UTC(9000, 0, 1);
const [FIRST_DAY, LAST_DAY] = [Date.parse('0000-01-02'), Date.parse('9999-12-30')];

/** Texts and how they are stored: trimmed, in Unicode NFC. */
const STRINGS: readonly (readonly [written: string, canonical: string])[] = [
  ['a', 'a'],
  ['  padded\t', 'padded'],
  ['e\u0301', '\u00e9'],
  ['a,"b"', 'a,"b"'],
  ['two\nlines', 'two\nlines'],
  ['\ud83d\ude00', '\ud83d\ude00'],
  ['\uffff', '\uffff'],
  ["'", "'"],
  ['0012', '0012'],
  ['null', 'null'],
  ['x'.repeat(300), 'x'.repeat(300)],
];

/** Any valid value of a field, computed from the value and never by reading what is written. */
export function anyCell(field: Field, isJson: boolean, missing: readonly string[]): fc.Arbitrary<Cell> {
  const present = presentCell(field, isJson);
  return field.optional
    ? fc.oneof({ weight: 3, arbitrary: present }, { weight: 1, arbitrary: missingCell(isJson, missing) })
    : present;
}

/** A missing value. */
function missingCell(isJson: boolean, missing: readonly string[]): fc.Arbitrary<Cell> {
  const texts = [...missing, ' ', '\u200b'].map((text) => textIn(isJson, text));
  return fc.constantFrom(...texts, ...(isJson ? ['null'] : []), undefined).map((written) => ({
    written,
    canonical: '',
  }));
}

/** Any value that is wrong in a field. */
export function anyFaultyCell(
  field: Field,
  isJson: boolean,
  missing: readonly string[],
): fc.Arbitrary<FaultyCell> {
  const wrong = wrongTexts(field, isJson).map((written) => ({ written, reason: `invalid_${field.name}` }));
  const future = futureTexts(field, isJson).map((written) => ({
    written,
    reason: `${field.name}_in_future`,
  }));
  const absent = missingCell(isJson, missing).map(({ written }) => ({
    written,
    reason: written === undefined && !isJson ? 'missing_column' : 'missing_value',
  }));
  const all = [...wrong, ...future];
  return fc.oneof(
    ...(all.length > 0 ? [fc.constantFrom(...all)] : []),
    // An enum always has a wrong value; a text may have none.
    ...(field.optional ? [] : [absent]),
  );
}

/** Whether a field can have a wrong value. */
export const canBeFaulty = (field: Field, isJson: boolean): boolean =>
  isJson || field.type !== 'string' || !field.optional;

const textIn = (isJson: boolean, text: string): string => (isJson ? JSON.stringify(text) : text);

function presentCell(field: Field, isJson: boolean): fc.Arbitrary<Cell> {
  const text = (written: string, canonical: string): Cell => ({
    written: textIn(isJson, written),
    canonical,
  });
  switch (field.type) {
    case 'string': {
      const other = fc
        .string({ unit: 'grapheme', maxLength: 4 })
        .filter((each) => !each.includes('\0'))
        .map((each) => [`v${each}v`, `v${each}v`.normalize('NFC')] as const);
      return fc.oneof(fc.constantFrom(...STRINGS), other).map(([written, stored]) => text(written, stored));
    }
    case 'enum':
      return fc.constantFrom(...ENUM_VALUES).map((value) => text(value, value));
    case 'boolean':
      return fc.constantFrom(
        ...['true', '1'].map((written) => ({ written, canonical: 'true' })),
        ...['false', '0'].map((written) => ({ written, canonical: 'false' })),
        text('TRUE', 'true'),
        text('False', 'false'),
      );
    case 'integer':
      return numberCell(0, field.minimum !== undefined, isJson);
    case 'decimal':
      return numberCell(field.scale, field.minimum !== undefined, isJson);
    case 'date':
      return fc.tuple(instant(field.past), fc.boolean()).map(([ms, isCompact]) => {
        const day = new Date(ms).toISOString().slice(0, 'YYYY-MM-DD'.length);
        return text(isCompact ? day.replaceAll('-', '') : day, day);
      });
    case 'timestamp': {
      if (field.unit === 'iso')
        return fc
          .tuple(instant(field.past), fc.integer({ min: -14 * 60, max: 14 * 60 }))
          .map(([ms, offset]) => text(withOffset(ms, offset), new Date(ms).toISOString()));
      const most = field.unit === 's' ? 8.64e12 : 8.64e15;
      const last = field.unit === 's' ? PAST / 1_000 : PAST;
      return fc
        .integer({ min: -most, max: field.past ? last : most })
        .map((value) => ({ written: String(value), canonical: String(value) }));
    }
  }
}

const instant = (past = false): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: FIRST_DAY, max: past ? PAST : LAST_DAY }),
    fc.constantFrom(0, Date.parse('2000-02-29'), Date.parse('0000-02-29'), FIRST_DAY),
  );

/** An instant by a clock that is `offset` minutes ahead of UTC. */
function withOffset(ms: number, offset: number): string {
  const clock = new Date(ms + offset * 60_000).toISOString().slice(0, -1);
  if (offset === 0) return `${clock}Z`.replace('.000Z', 'z');
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  return `${clock}${offset < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
}

/** A number with `scale` digits after the point, from an integer of any size. */
function numberCell(scale: number, isBounded: boolean, isJson: boolean): fc.Arbitrary<Cell> {
  const unit = 10 ** scale;
  const value = isBounded
    ? fc.integer({ min: BOUNDS.minimum * unit, max: BOUNDS.maximum * unit })
    : fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -2_000, max: 2_000 }));
  return fc.tuple(value, fc.constantFrom('canonical', 'short', 'long')).map(([scaled, form]) => {
    const digits = String(BigInt(scaled))
      .replace('-', '')
      .padStart(scale + 1, '0');
    const [whole, fraction] = [digits.slice(0, digits.length - scale), digits.slice(digits.length - scale)];
    const sign = scaled < 0 ? '-' : '';
    const canonical = sign + whole + (scale === 0 ? '' : `.${fraction}`);
    const short = sign + `${whole}.${fraction}`.replace(/\.?0*$/, '');
    // Zero may have a sign, and in CSV any number of zeros in front.
    const long = `${scaled === 0 ? '-' : sign}${isJson ? '' : '00'}${canonical.replace('-', '')}`;
    return { written: { canonical, short, long }[form] ?? canonical, canonical };
  });
}

function wrongTexts(field: Field, isJson: boolean): string[] {
  const [texts, others] = [wrongIn(field), isJson ? wrongInJson(field) : wrongInCsv(field)];
  const isNumber = field.type === 'integer' || field.type === 'decimal' || isNumericTime(field);
  return [...texts.map((text) => (isNumber ? text : textIn(isJson, text))), ...others];
}

const isNumericTime = (field: Field): boolean => field.type === 'timestamp' && field.unit !== 'iso';

/** In CSV and, as a text or a number, in JSON. */
function wrongIn(field: Field): string[] {
  switch (field.type) {
    case 'string':
      return [];
    case 'enum':
      return ['X', 'x y', 'z'];
    case 'boolean':
      return ['yes', '2', 'truefalse'];
    case 'integer':
      return ['5.0', '1e2', '9007199254740993', ...(field.minimum === undefined ? [] : ['-2', '1001'])];
    case 'decimal':
      return [
        `0.${'1'.repeat(field.scale + 1)}`,
        '1e2',
        '99999999999999999999',
        ...(field.minimum === undefined ? [] : ['-2', '1001']),
      ];
    case 'date':
      return ['2001-02-29', '2000-13-01', '29.2.2000', '2000-1-1', 'soon'];
    case 'timestamp':
      return field.unit === 'iso'
        ? ['2000-12-31', '2000-12-31T23:59:59', '2001-02-29T00:00:00Z', '2000-12-31T24:00:00Z']
        : ['0.5', '1e3', field.unit === 's' ? '8640000000001' : '8640000000000001'];
  }
}

const wrongInCsv = (field: Field): string[] =>
  ({
    string: [],
    enum: [],
    date: [],
    boolean: [],
    timestamp: [],
    integer: ['+5', '1 000'],
    decimal: ['.5', '1,5'],
  })[field.type];

/** Values of other JSON types. */
function wrongInJson(field: Field): string[] {
  const common = ['[]', '{"a": 1}'];
  switch (field.type) {
    case 'boolean':
      return [...common, '2', '1.0'];
    case 'integer':
    case 'decimal':
      return [...common, 'true', '"5"'];
    default:
      return [...common, 'true', ...(isNumericTime(field) ? ['"5"'] : ['5', '"a\\u0000"', '"\\ud800"'])];
  }
}

function futureTexts(field: Field, isJson: boolean): string[] {
  if (field.type === 'date' && field.past) return [textIn(isJson, '9000-01-01')];
  if (field.type !== 'timestamp' || !field.past) return [];
  if (field.unit === 'iso') return [textIn(isJson, '9000-01-01T00:00:00+01:00')];
  return [String(field.unit === 's' ? FAR / 1_000 : FAR)];
}
