const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const MAX_CODE_POINT = 0x10ffff;

/**
 * Decodes predefined entities (XML 1.0, section 4.6) and character references, including characters that XML forbids,
 * since keys contain them.
 *
 * @returns isText: false when a reference is not a character (above U+10FFFF, or a lone surrogate); it becomes U+FFFD
 */
export function decodeEntities(written: string): { text: string; isText: boolean } {
  if (!written.includes('&')) return { text: written, isText: true };
  let isText = true;
  const decoded = written.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? whole) : whole;
    const codePoint = hex ? Number.parseInt(hex, 16) : Number(decimal);
    if (codePoint <= MAX_CODE_POINT) return String.fromCodePoint(codePoint);
    isText = false;
    return '\uFFFD';
  });
  // Two references may form one character.
  const isWhole = decoded.isWellFormed();
  return { text: isWhole ? decoded : decoded.toWellFormed(), isText: isText && isWhole };
}
