/**
 * Characters that show nothing of their own: white space, control and format characters, fillers, and marks that need a
 * letter before them. U+2800 is a braille pattern without dots.
 *
 * @see https://unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const VISIBLE = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Mn}\p{Me}\u2800]/u;

/** What JSON leaves as it is although nobody can see it. */
const HIDDEN = /(?! )[\p{Zs}\p{Zl}\p{Zp}]|[\p{Default_Ignorable_Code_Point}\p{Cf}\u007f-\u009f\u2800]/gu;

/** Whether nothing visible is in a text. */
export function isBlank(text: string): boolean {
  // Nearly all values start with a visible ASCII character.
  const first = text.charCodeAt(0);
  if (first > 0x20 && first < 0x7f) return false;
  return !VISIBLE.test(text);
}

/** Longer texts are cut, characters. */
const SHOWN = 40;

/** A text in quotes as a message shows it: cut when it is long, and with the names of invisible characters. */
export function shown(text: string): string {
  const cut = text.length > SHOWN ? `${text.slice(0, SHOWN).toWellFormed()}…` : text;
  return JSON.stringify(cut).replace(HIDDEN, (hidden) => {
    const code = hidden.codePointAt(0) ?? 0;
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}
