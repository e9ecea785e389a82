const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const MAX_CODE_POINT = 0x10ffff;

/**
 * Decodes the references of XML 1.0, section 4.6, and character references, also of characters that XML forbids: keys
 * have them.
 *
 * @returns isText: false when a reference names no character (above U+10FFFF, or half of a surrogate pair), for which
 *   U+FFFD stands
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
  // Two references may be the halves of one character.
  const isWhole = decoded.isWellFormed();
  return { text: isWhole ? decoded : decoded.toWellFormed(), isText: isText && isWhole };
}
