/** The browser's language, with the digits of the rest of the page. */
const LANGUAGE = `${navigator.language}-u-nu-latn`;
const whole = new Intl.NumberFormat(LANGUAGE);
const oneDigit = new Intl.NumberFormat(LANGUAGE, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Shown for an unknown value. */
export const UNKNOWN = '–';

/** `12,345` @type {(value: number | null | undefined) => string} */
export const number = (value) => (value == null ? UNKNOWN : whole.format(value));

/** `41.3` @type {(value: number | null | undefined) => string} */
export const decimal = (value) => (value == null ? UNKNOWN : oneDigit.format(value));

/** A number, or its digits when there are more than a number holds. @typedef {number | `${number}`} Digits */

/** Formats by their options. @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @type {(least: number, most: number, useGrouping: boolean) => Intl.NumberFormat} */
function formatWith(least, most, useGrouping) {
  const name = `${least} ${most} ${useGrouping}`;
  const known = formats.get(name);
  if (known) return known;
  const made = new Intl.NumberFormat(LANGUAGE, {
    minimumFractionDigits: least,
    maximumFractionDigits: most,
    useGrouping,
  });
  formats.set(name, made);
  return made;
}

/**
 * A number with at least and at most so many digits after the point: `1,234.50`.
 *
 * @type {(value: Digits, least: number, most?: number) => string}
 */
export const fixed = (value, least, most = least) => formatWith(least, most, true).format(value);

/** A number with at most these digits after the point: `41.5`. @type {(value: number, digits: number) => string} */
export const rounded = (value, digits) => formatWith(0, digits, true).format(value);

/**
 * A stored number, with its digits after the point and without groups, since it may be a year: `1234.50`.
 *
 * @type {(value: number, digits: number) => string}
 */
export const stored = (value, digits) => formatWith(digits, digits, false).format(value);

/** A count with its noun: `1 user`, `2 users`. @type {(count: number, one: string, many?: string) => string} */
export const countOfNoun = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** `80 %` @type {(part: number | undefined, all: number | undefined) => string} */
export function percent(part, all) {
  if (part === undefined || !all) return UNKNOWN;
  const share = (part / all) * 100;
  // 100 % and 0 % are shown only when exact.
  const shown = share > 99 && part < all ? 99 : share < 1 && part > 0 ? 1 : Math.round(share);
  return `${shown} %`;
}

const UNITS = /** @type {const} */ ([
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
]);

/**
 * A duration in its two largest units: `2 h 5 min`, `48 s`.
 *
 * @param {number} ms
 */
export function elapsed(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  if (first === -1) return '0 s';
  let left = seconds;
  const parts = UNITS.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? '' : `${count} ${unit}`;
  });
  return parts.filter((part) => part !== '').join(' ');
}

/** The duration of a run: `87 ms`, `1.2 s`, `3 min 4 s`. @type {(ms: number) => string} */
export function duration(ms) {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${decimal(ms / 1_000)} s` : elapsed(ms);
}

/** The time since an instant, in its largest unit: `3 min ago`. @type {(then: string, now: number) => string} */
export function ago(then, now) {
  const passed = now - Date.parse(then);
  if (passed < 1_000) return 'now';
  return `${elapsed(passed).split(' ').slice(0, 2).join(' ')} ago`;
}

/** `2026-06-01 12:00:00 UTC` @type {(time: string) => string} */
export const instant = (time) => `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;

/** The UTC day of an instant, `1990-02-28`. @type {(ms: number) => string} */
export function day(ms) {
  const iso = new Date(ms).toISOString();
  return iso.slice(0, iso.indexOf('T'));
}
