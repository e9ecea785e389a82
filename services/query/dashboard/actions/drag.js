/** @import { Statistic } from '../fields/measure.js' */
/** @import { Axis, Bounds } from '../state/histogram.js' */
/** @import { Store } from '../store.js' */

import { between } from '../state/histogram.js';

/**
 * Selects values by dragging over the histogram: from the pressed step, or, on a handle, from the other handle.
 *
 * @param {Store} store
 * @param {(statistic: Statistic, bounds: Bounds) => void} bound
 */
export const makeDrag = (store, bound) => ({
  /** @type {(at: number, from: number) => void} */
  press: (at, from) => store.set({ dragged: { from, to: at } }),

  /** @param {number} at */
  move(at) {
    const { dragged } = store.get();
    store.set({ pointed: at, dragged: dragged && { ...dragged, to: at } });
  },

  /** @type {(statistic: Statistic, axis: Axis, at: number) => void} */
  release(statistic, axis, at) {
    const { dragged } = store.get();
    if (dragged) bound(statistic, between(axis, dragged.from, at));
  },

  cancel: () => store.set({ dragged: undefined }),
  leave: () => store.set({ pointed: undefined }),
});
