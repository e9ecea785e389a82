/** @import { Range } from './rows.js' */

/** Height of a row, px; equal to the style sheet's. */
export const ROW_PX = 44;
/** Rows to render above and below the view. */
const BESIDE = 8;
/** Maximum number of rows: browsers limit heights to about 17 million px. */
export const MAX_LISTED_ROWS = 380_000;

/**
 * The range of rows in view, and some more on both sides.
 *
 * @param {number} scrollTop px
 * @param {number} height of what is seen, px
 * @param {number} count rows there are
 * @returns {Range}
 */
export function rangeInView(scrollTop, height, count) {
  const last = Math.ceil((scrollTop + height) / ROW_PX) + BESIDE;
  const end = Math.min(count, last);
  return { first: Math.max(0, Math.min(Math.floor(scrollTop / ROW_PX) - BESIDE, end - 1)), end };
}
