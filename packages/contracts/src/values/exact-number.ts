import { countDigits, decimalText } from './decimal.ts';

/** A number without rounding: `digits` times 10 to the power of `exponent`. */
interface Exact {
  /** Without zeros at the ends; empty for 0. */
  digits: string;
  isNegative: boolean;
  exponent: number;
}

/** A number as JSON writes it. */
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

function exactOf(text: string): Exact | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const all = (whole + fraction).replace(/^0+/, '');
  let end = all.length;
  while (all[end - 1] === '0') end--;
  const digits = all.slice(0, end);
  if (digits === '') return { digits, isNegative: false, exponent: 0 };
  const power = Number(exponent) - fraction.length + all.length - digits.length;
  return { digits, isNegative: sign === '-', exponent: power };
}

/** Whether `JSON.parse` and `JSON.stringify` keep the value of a number: a double has at least 15 digits. */
export function isKept(text: string): boolean {
  const [written, kept] = [exactOf(text), exactOf(String(Number(text)))];
  return (
    written !== undefined &&
    written.digits === kept?.digits &&
    written.exponent === kept.exponent &&
    written.isNegative === kept.isNegative
  );
}

/** Digits of a safe integer. */
const MAX_DIGITS = 16;

/**
 * The stored value of a number: it times 10 to the power of `scale`. The product of doubles would be rounded.
 *
 * @returns why there is none, as the end of a sentence
 */
export function scaledValue(value: number, scale: number): number | { problem: string } {
  const exact = exactOf(String(value));
  if (!exact) return { problem: 'is not a number' };
  const zeros = exact.exponent + scale;
  if (zeros < 0) {
    const excess = scale === 0 ? 'digits' : `more than ${countDigits(scale)}`;
    return { problem: `has ${excess} after the point` };
  }
  const scaled = Number(exact.digits + '0'.repeat(Math.min(zeros, MAX_DIGITS)));
  if (!Number.isSafeInteger(scaled)) {
    const most = decimalText(Number.MAX_SAFE_INTEGER, scale);
    return { problem: `is outside of the range from -${most} to ${most}` };
  }
  return exact.isNegative ? -scaled : scaled;
}
