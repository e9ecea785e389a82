/**
 * Compares two strings as their UTF-8 bytes would compare: the order of S3 listings, of SQLite's BINARY
 * collation and of output.csv. JavaScript's own `<` compares UTF-16 units, which puts U+10000 and above
 * before U+E000..U+FFFF; only there do the two differ.
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

/** Surrogates stand for code points above every other UTF-16 unit. */
function utf8Rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
