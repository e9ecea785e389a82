/** @import { Store } from '../store.js' */

import { MAX_AGE } from '@landfall/query/http/dashboard-limits';
import { between } from '../state/ages.js';

/**
 * Selects ages by dragging over the chart: from the pressed position, or, on a handle, from the other handle.
 *
 * @param {Store} store
 * @param {(ages: import('../state/ages.js').Ages) => void} choose
 */
export const makeDrag = (store, choose) => ({
  /** @type {(age: number, from: number) => void} */
  press: (age, from) => store.set({ dragged: { from, to: age } }),

  /** @param {number} age */
  move(age) {
    const { dragged } = store.get();
    store.set({ pointedAge: age, dragged: dragged && { ...dragged, to: age } });
  },

  /** The end of the chart means no upper bound. @type {(age: number, last: number) => void} */
  release(age, last) {
    const { dragged } = store.get();
    if (dragged) choose(between(dragged.from, age === last ? MAX_AGE : age));
  },

  cancel: () => store.set({ dragged: undefined }),
  leave: () => store.set({ pointedAge: undefined }),
});
