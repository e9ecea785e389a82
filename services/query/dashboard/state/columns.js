/** @import { Dataset } from '../fields/dataset.js' */
/** @import { Column } from '../fields/column.js' */

/** Columns to show unless others are chosen: more make scrolling slow. */
const SHOWN = 24;
/** Columns that fit on a phone. */
const FITTING = 6;

/** Names of the hidden columns. @typedef {ReadonlySet<string>} Hidden */

/** The columns that are hidden at first. @type {(dataset: Dataset) => Hidden} */
export const hiddenAtFirst = ({ columns }) => new Set(columns.slice(SHOWN).map(({ name }) => name));

/**
 * The stored choice of columns; undefined when there is none or it is unreadable.
 *
 * @type {(text: string | null) => Hidden | undefined}
 */
export function readHidden(text) {
  try {
    const names = JSON.parse(text ?? '');
    return Array.isArray(names) ? new Set(names.map(String)) : undefined;
  } catch {
    return undefined;
  }
}

/** The columns to show; the key column always. @type {(dataset: Dataset, hidden: Hidden) => Column[]} */
export const shownColumns = ({ columns }, hidden) =>
  columns.filter(({ kind, name }) => kind === 'id' || !hidden.has(name));

/** @type {(hidden: Hidden, name: string) => Hidden} */
export const toggled = (hidden, name) =>
  hidden.has(name) ? new Set([...hidden].filter((each) => each !== name)) : new Set([...hidden, name]);

/**
 * Whether a phone can show a row without scrolling sideways, when two names stand for the id and years for the time.
 *
 * @type {(dataset: Dataset) => boolean}
 */
export const fitsPhone = ({ columns }) =>
  columns.length <= FITTING &&
  columns.filter(({ kind }) => kind === 'text').length === 2 &&
  columns.filter(({ kind }) => kind === 'time').length === 1 &&
  columns.filter(({ kind }) => kind === 'years').length === 1;
