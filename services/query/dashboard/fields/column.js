/** A row of the API, by column. */
/** @typedef {Readonly<Record<string, string | number | boolean | null>>} Row */

/**
 * What a cell shows; undefined for a missing value.
 *
 * @typedef {{ text: string, title?: string, href?: string } | undefined} Cell
 */

/**
 * A column of the table.
 *
 * @typedef {object} Column
 * @property {string} name
 * @property {string} label
 * @property {string} [description] for people
 * @property {string} [unit] of its values: `UTC`
 * @property {'id' | 'text' | 'number' | 'years' | 'time' | 'word' | 'file' | 'picture'} kind how it is drawn
 * @property {number} width the least, rem
 * @property {string} sort the column of the API to sort by
 * @property {boolean} isReversed whether its order is the reverse of that column's
 * @property {(row: Row, now: number) => Cell} cell from a row and the clock, ms since 1970 UTC
 */

/** Characters of a text that a cell and its title hold. A cell cannot show more. */
const SHOWN = 200;
const TITLE = 2_000;

/** @type {(text: string, title?: string) => Cell} */
export const textCell = (text, title = text) => ({ text: cut(text, SHOWN), title: cut(title, TITLE) });

/** @type {(text: string, length: number) => string} */
const cut = (text, length) => (text.length <= length ? text : `${text.slice(0, length)}…`);

/**
 * A column of one value of the row.
 *
 * @param {string} name of the column of the API
 * @param {Pick<Column, 'label' | 'kind' | 'width' | 'unit'>} look
 * @param {(value: string | number | boolean) => Cell} cellOf for a value that is not missing
 * @returns {Column}
 */
export const valueColumn = (name, look, cellOf) => ({
  ...look,
  name,
  sort: name,
  isReversed: false,
  cell: (row) => {
    const value = row[name];
    return value === null || value === undefined ? undefined : cellOf(value);
  },
});
