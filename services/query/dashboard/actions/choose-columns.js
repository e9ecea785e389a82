/** @import { Store } from '../store.js' */
import { readHidden, toggled } from '../state/columns.js';

/** The choice belongs to a data set: several may be served at one address in turn. @type {(name: string) => string} */
const itemOf = (name) => `landfall-hidden-columns-${name}`;

/** The choice of an earlier visit. Browsers may forbid to store anything. @param {string} dataset its name */
export function storedColumns(dataset) {
  try {
    return readHidden(localStorage.getItem(itemOf(dataset)));
  } catch {
    return undefined;
  }
}

/**
 * Shows or hides a column, and remembers the choice.
 *
 * @param {Store} store
 */
export const makeChooseColumns =
  (store) =>
  /** @param {string} name */
  (name) => {
    const { hidden: before, dataset } = store.get();
    const hidden = toggled(before, name);
    store.set({ hidden, hasChosenColumns: true });
    try {
      localStorage.setItem(itemOf(dataset.name), JSON.stringify([...hidden]));
    } catch {
      // The choice holds as long as the page is open.
    }
  };
