/**
 * Makes a text safe to show: replaces control characters and truncates it, with `…` at its end.
 *
 * @param max length, UTF-16 code units
 */
export function truncate(text: string, max: number): string {
  const short = text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
  return short.replace(CONTROL_CHARACTERS, '\ufffd').toWellFormed();
}

/** Each takes six bytes in JSON, and some move a terminal's cursor. */
const CONTROL_CHARACTERS = /\p{Cc}/gu;
