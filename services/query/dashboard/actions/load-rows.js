/** @import { Store } from '../store.js' */
/** @import { ViewLoader } from './load-view.js' */
import { readRows } from '../api.js';
import {
  countOf,
  missingPage,
  nextLimit,
  withLimit,
  withNextPage,
  withoutFarPages,
  withPageAgain,
} from '../state/rows.js';
import { MAX_LISTED_ROWS, rangeInView } from '../state/visible-rows.js';

/** Rows below the view at which the next page is read. */
const AHEAD = 60;

/**
 * Reads rows when they come into view, one page at a time.
 *
 * @param {Store} store
 * @param {ViewLoader} viewLoader
 */
export function makeRowLoader(store, viewLoader) {
  let isLoading = false;

  /** Reads pages until all rows in view are loaded. */
  async function load() {
    const { isLoadingView, loadError } = store.get();
    if (isLoading || isLoadingView || loadError !== undefined) return;
    isLoading = true;
    try {
      while (await loadOne(store));
    } catch {
      // The generation was deleted, or the service cannot be reached. Start again at the newest.
      await viewLoader.loadFirst();
    }
    isLoading = false;
  }
  return load;
}

/** @type {(store: Store) => Promise<boolean>} whether a page was read */
async function loadOne(store) {
  const { rows, scroll } = store.get();
  const count = countOf(rows);
  const range = rangeInView(scroll.top, scroll.height, count);
  const missing = missingPage(rows, range);
  const isNearEnd = rows.next !== undefined && range.end + AHEAD > count && count < MAX_LISTED_ROWS;
  if (!missing && !isNearEnd) return false;

  const url = missing ? missing.url : withLimit(rows.next ?? '', nextLimit(rows));
  const page = await readRows(url, AbortSignal.timeout(60_000));
  // The rows were replaced meanwhile.
  if (store.get().rows !== rows) return true;
  const more = missing ? withPageAgain(rows, missing, page.rows) : withNextPage(rows, url, page);
  store.set({ rows: withoutFarPages(more, range) });
  return true;
}
