/** @import { Store } from '../store.js' */
import { countOf, rowsIn } from '../state/rows.js';
import { rangeInView } from '../state/visible-rows.js';

/** Time without scrolling after which images load, ms. */
const AT_REST_MS = 120;

/**
 * Follows the scroll position. Images load when scrolling stops: images of rows that scroll past would delay the rows.
 *
 * @param {Store} store
 */
export function makeScroll(store) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;
  return (/** @type {number} px */ top) => {
    const { scroll, rows, shownImages, dataset } = store.get();
    const seen = rowsIn(rows, rangeInView(scroll.top, scroll.height, countOf(rows)));
    store.set({
      scroll: { ...scroll, top },
      shownImages: shownImages ?? new Set(seen.map((row) => String(row?.[dataset.key]))),
    });
    clearTimeout(rest);
    rest = setTimeout(() => store.set({ shownImages: undefined }), AT_REST_MS);
  };
}
