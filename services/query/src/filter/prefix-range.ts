/** Which names are meant: exactly this one, or all from one text up to before another (without end: to the last). */
export type NamePattern = { exactly: string } | { from: string; before: string | undefined };

/**
 * Reads a name as it is asked for: a `*` at its end stands for whatever follows. A lone `*` is every name, and no
 * condition.
 */
export function readNamePattern(text: string | undefined): NamePattern | undefined {
  if (text === undefined || text === '*') return undefined;
  if (!text.endsWith('*')) return { exactly: text };
  const from = text.slice(0, -1);
  return { from, before: afterAllThatBegin(from) };
}

const LAST_CODE_POINT = 0x10ffff;

/** The first text, in the order of UTF-8 bytes, that is behind all those that begin with `prefix`. */
function afterAllThatBegin(prefix: string): string | undefined {
  const codePoints = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (codePoints.at(-1) === LAST_CODE_POINT) codePoints.pop();
  const last = codePoints.pop();
  if (last === undefined) return undefined;
  // Surrogates stand for no character of their own; UTF-8 has none.
  const next = last === 0xd7ff ? 0xe000 : last + 1;
  return String.fromCodePoint(...codePoints, next);
}
