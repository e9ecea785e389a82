/** @import { Store } from '../store.js' */
import { between } from '../state/ages.js';

/**
 * Choosing ages by dragging over the chart: from where the pointer was pressed, or, on a handle, from the other one.
 *
 * @param {Store} store
 * @param {(ages: import('../state/ages.js').Ages) => void} choose
 */
export const makeDrag = (store, choose) => ({
  /** @type {(age: number, from: number) => void} */
  press: (age, from) => store.set({ drawn: { from, to: age } }),

  /** @param {number} age */
  move(age) {
    const { drawn } = store.get();
    store.set({ pointedAge: age, drawn: drawn && { ...drawn, to: age } });
  },

  /** @param {number} age */
  release(age) {
    const { drawn } = store.get();
    if (drawn) choose(between(drawn.from, age));
  },

  cancel: () => store.set({ drawn: undefined }),
  leave: () => store.set({ pointedAge: undefined }),
});
