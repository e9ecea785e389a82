/** A text of at most so many UTF-16 code units, as it can be shown: without control characters, and with `…` where it was cut. */
export function truncate(text: string, max: number): string {
  const short = text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
  return short.replace(CONTROL, '\ufffd').toWellFormed();
}

/** Each would take six bytes in JSON, and may move a terminal's cursor. */
const CONTROL = /\p{Cc}/gu;
