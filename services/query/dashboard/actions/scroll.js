/** @import { Store } from '../store.js' */
import { countOf, rowsIn } from '../state/rows.js';
import { rangeInView } from '../state/window.js';

/** Who has not scrolled for so long is looking, ms. */
const AT_REST_MS = 120;

/**
 * Follows the table as it is scrolled. Pictures are asked for where one stops, not of everybody who flies past: they would
 * keep the rows waiting.
 *
 * @param {Store} store
 */
export function makeScroll(store) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;
  return (/** @type {number} px */ top) => {
    const { scroll, rows, pictured } = store.get();
    const seen = rowsIn(rows, rangeInView(scroll.top, scroll.height, countOf(rows)));
    store.set({
      scroll: { ...scroll, top },
      pictured: pictured ?? new Set(seen.map((user) => user?.user_id ?? '')),
    });
    clearTimeout(rest);
    rest = setTimeout(() => store.set({ pictured: undefined }), AT_REST_MS);
  };
}
