/** @import { State } from './state/state.js' */

/** @typedef {ReturnType<typeof makeStore>} Store */

/**
 * Holds the state and draws it after a change, at most once per frame.
 *
 * @param {State} first
 * @param {(state: State) => void} draw
 */
export function makeStore(first, draw) {
  let state = first;
  let isDue = false;
  return {
    get: () => state,

    /** @param {Partial<State>} changes */
    set(changes) {
      state = { ...state, ...changes };
      if (isDue) return;
      isDue = true;
      requestAnimationFrame(() => {
        isDue = false;
        draw(state);
      });
    },
  };
}
