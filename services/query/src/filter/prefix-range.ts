/**
 * The texts that match a pattern, in the order of UTF-8 bytes: one text, or those from `from` up to, but excluding,
 * `before` (undefined for no upper bound).
 */
export type PrefixRange = { equals: string } | { from: string; before: string | undefined };

/**
 * Parses the value of a string parameter. A `*` at its end matches any suffix, in other places itself.
 *
 * @returns undefined for no condition: no parameter, or a lone `*`
 */
export function parsePrefixRange(text: string | undefined): PrefixRange | undefined {
  if (text === undefined || text === '*') return undefined;
  if (!text.endsWith('*')) return { equals: text };
  const prefix = text.slice(0, -1);
  return { from: prefix, before: successorOf(prefix) };
}

const LAST_CODE_POINT = 0x10ffff;

/** The least text, in the order of UTF-8 bytes, that is greater than all texts with this prefix. */
function successorOf(prefix: string): string | undefined {
  const codePoints = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (codePoints.at(-1) === LAST_CODE_POINT) codePoints.pop();
  const last = codePoints.pop();
  if (last === undefined) return undefined;
  // UTF-8 cannot encode the surrogates U+D800 to U+DFFF.
  const next = last === 0xd7ff ? 0xe000 : last + 1;
  return String.fromCodePoint(...codePoints, next);
}
