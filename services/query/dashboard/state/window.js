/** @import { Range } from './rows.js' */

/** The height of a row, px; the style sheet has the same. */
export const ROW_PX = 44;
/** So many rows above and below what is seen are there already when one scrolls. */
const BESIDE = 8;
/** Browsers make nothing higher than some 17 million px. */
export const MOST_ROWS = 380_000;

/**
 * The rows that are in view, and some more on both sides.
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
