/** Bits of a quotient that is rounded to a double: more than the 53 of a double, so that the last one may stand for the rest. */
const QUOTIENT_BITS = 64;

/**
 * The double that is nearest to `sum / count / 10 ** scale`.
 *
 * @param sum a number that is a safe integer, or a bigint
 * @param count greater than 0
 */
export function exactMean(sum: number | bigint, count: number, scale: number): number {
  const divisor = count * 10 ** scale;
  // The division of two exact doubles is rounded once.
  if (typeof sum === 'number' && Number.isSafeInteger(divisor)) return sum / divisor;
  return nearestQuotient(BigInt(sum), BigInt(count) * 10n ** BigInt(scale));
}

function nearestQuotient(sum: bigint, divisor: bigint): number {
  const magnitude = sum < 0n ? -sum : sum;
  const shift = Math.max(0, QUOTIENT_BITS + bitLength(divisor) - bitLength(magnitude));
  const shifted = magnitude << BigInt(shift);
  const quotient = shifted / divisor;
  // A quotient that is not exact gets an odd last bit: it is then no tie when it is rounded.
  const sticky = shifted % divisor === 0n ? quotient : quotient | 1n;
  const mean = Number(sticky) / 2 ** shift;
  return sum < 0n ? -mean : mean;
}

const bitLength = (value: bigint): number => value.toString(2).length;
