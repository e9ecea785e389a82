/**
 * The canonical text of a decimal: all digits after the point, no exponent, no `-0`.
 *
 * @param scaled the value times 10 to the power of `scale`: a safe integer, or a bigint
 */
export function decimalText(scaled: number | bigint, scale: number): string {
  if (scale === 0) return String(scaled);
  const digits = String(scaled < 0 ? -scaled : scaled).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${scaled < 0 ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A number of digits, in words. */
export const countDigits = (count: number): string => (count === 1 ? '1 digit' : `${count} digits`);

/** Fixed point: digits, and perhaps a point and more digits. */
const FIXED_POINT = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * Reads a decimal from its source text: a double would round it.
 *
 * @returns the scaled integer; or why the text is not such a decimal, as the end of a sentence
 */
export function parseDecimal(text: string, scale: number): number | { problem: string } {
  const [, sign, whole = '', fraction = ''] = FIXED_POINT.exec(text) ?? [];
  if (sign === undefined) return { problem: 'is not a decimal number, such as -12.5' };
  if (fraction.length > scale) {
    const most = scale === 0 ? 'none' : `at most ${scale}`;
    return { problem: `has ${countDigits(fraction.length)} after the point; ${most} may be there` };
  }
  const scaled = Number(whole + fraction.padEnd(scale, '0'));
  if (!Number.isSafeInteger(scaled)) return { problem: 'has too many digits' };
  // Not `-scaled` for 0: that is -0.
  return sign === '-' && scaled !== 0 ? -scaled : scaled;
}
