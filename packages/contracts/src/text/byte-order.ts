/**
 * Compares two strings by their UTF-8 bytes: the order of S3 listings, of SQLite's BINARY collation and of output.csv.
 * JavaScript's `<` compares UTF-16 units, which puts U+10000 and above before U+E000..U+FFFF.
 *
 * @returns a negative number, 0 or a positive number
 */
export function compareBytes(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return utf8Rank(x) - utf8Rank(y);
  }
  return a.length - b.length;
}

/** Surrogates encode code points above all other UTF-16 units. */
function utf8Rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
