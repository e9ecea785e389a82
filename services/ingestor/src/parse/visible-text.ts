/**
 * Visible characters: everything but white space, control and format characters, fillers, and marks that combine with a letter.
 * U+2800 is a braille pattern without dots.
 *
 * @see https://unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const VISIBLE = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Mn}\p{Me}\u2800]/u;

/** Invisible characters that JSON does not escape. */
const HIDDEN = /(?! )[\p{Zs}\p{Zl}\p{Zp}]|[\p{Default_Ignorable_Code_Point}\p{Cf}\u007f-\u009f\u2800]/gu;

/** Whether a text has no visible character. */
export function isBlank(text: string): boolean {
  // Nearly all values start with a visible ASCII character.
  const first = text.charCodeAt(0);
  if (first > 0x20 && first < 0x7f) return false;
  return !VISIBLE.test(text);
}

/** Maximum length of a shown text, characters. */
const MAX_SHOWN = 40;

/** Returns a text for a message: quoted, truncated, with escapes for invisible characters. */
export function shown(text: string): string {
  const truncated = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN).toWellFormed()}…` : text;
  return JSON.stringify(truncated).replace(HIDDEN, (hidden) => {
    const code = hidden.codePointAt(0) ?? 0;
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}
