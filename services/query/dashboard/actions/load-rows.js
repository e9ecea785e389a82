/** @import { Store } from '../store.js' */
/** @import { Look } from './look.js' */
import { readUsers } from '../api.js';
import {
  countOf,
  missingPage,
  nextLimit,
  withLimit,
  withNextPage,
  withoutFarPages,
  withPageAgain,
} from '../state/rows.js';
import { MOST_ROWS, rangeInView } from '../state/window.js';

/** The next rows are read when so many or fewer are left below. */
const AHEAD = 60;

/**
 * Reads rows as they come into view, one page at a time.
 *
 * @param {Store} store
 * @param {Look} look
 */
export function makeRowLoader(store, look) {
  let isLoading = false;

  /** Reads what is wanted now, until nothing is. */
  async function load() {
    const { isLooking, trouble } = store.get();
    if (isLoading || isLooking || trouble !== undefined) return;
    isLoading = true;
    try {
      while (await loadOne(store));
    } catch {
      // Its generation is not kept any more, or nobody answers: the newest is another start.
      await look.anew();
    }
    isLoading = false;
  }
  return load;
}

/** @type {(store: Store) => Promise<boolean>} whether there was something to read */
async function loadOne(store) {
  const { rows, scroll } = store.get();
  const count = countOf(rows);
  const range = rangeInView(scroll.top, scroll.height, count);
  const missing = missingPage(rows, range);
  const isNearEnd = rows.next !== undefined && range.end + AHEAD > count && count < MOST_ROWS;
  if (!missing && !isNearEnd) return false;

  const url = missing ? missing.url : withLimit(rows.next ?? '', nextLimit(rows));
  const page = await readUsers(url, AbortSignal.timeout(60_000));
  // Meanwhile they may have become others.
  if (store.get().rows !== rows) return true;
  const more = missing ? withPageAgain(rows, missing, page.users) : withNextPage(rows, url, page);
  store.set({ rows: withoutFarPages(more, range) });
  return true;
}
