/** @import { Store } from '../store.js' */
import { between } from '../state/ages.js';
import { OLDEST } from '../state/view.js';

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

  /** At the end of the chart nobody is too old. @type {(age: number, last: number) => void} */
  release(age, last) {
    const { drawn } = store.get();
    if (drawn) choose(between(drawn.from, age === last ? OLDEST : age));
  },

  cancel: () => store.set({ drawn: undefined }),
  leave: () => store.set({ pointedAge: undefined }),
});
