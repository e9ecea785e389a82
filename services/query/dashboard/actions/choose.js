/** @import { Ages } from '../state/ages.js' */
/** @import { View } from '../state/view.js' */
/** @import { Store } from '../store.js' */
/** @import { Look } from './look.js' */
import { typedAges } from '../state/state.js';
import { ageFault, OLDEST, questionOf, readAge, readView, withQuery } from '../state/view.js';

/** Who types is not asked about at every key, ms. */
const TYPED_AFTER_MS = 250;

/**
 * Changes which users are looked at; the page's address follows.
 *
 * @param {Store} store
 * @param {Look} look
 */
export function makeChoice(store, look) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;

  /** @type {(view: View, more?: object) => void} */
  function show(view, more) {
    clearTimeout(typing);
    history.pushState(null, '', withQuery('/', questionOf(view)));
    store.set({ view, faults: [], drawn: undefined, ...more });
    look.anew();
  }

  /** @type {(changes: Partial<View>) => void} */
  function choose(changes) {
    const before = store.get().view;
    const view = { ...before, ...changes };
    if (questionOf(view).toString() === questionOf(before).toString()) {
      store.set({ drawn: undefined, typed: typedAges(view) });
    } else show(view, { typed: typedAges(view) });
  }

  return {
    choose,

    /** Bounds at the ends of what can be asked for are none. @param {Ages} ages */
    chooseAges({ minAge, maxAge }) {
      choose({
        minAge: minAge === 0 ? undefined : minAge,
        maxAge: maxAge === OLDEST ? undefined : maxAge,
      });
    },

    /** The ages as they are typed; what can't be meant yet changes nothing. @param {{ min: string, max: string }} typed */
    type(typed) {
      clearTimeout(typing);
      store.set({ typed });
      if (typedFault(typed)) return;
      typing = setTimeout(() => {
        const view = { ...store.get().view, minAge: readAge(typed.min), maxAge: readAge(typed.max) };
        if (questionOf(view).toString() !== questionOf(store.get().view).toString()) show(view);
      }, TYPED_AFTER_MS);
    },

    /** The browser has gone back, or forth. */
    readAddress() {
      const { view, faults } = readView(location.search);
      store.set({ view, faults, typed: typedAges(view), drawn: undefined });
      look.anew();
    },
  };
}

/** What is wrong with the ages as they are typed. @type {(typed: { min: string, max: string }) => string | undefined} */
export function typedFault({ min, max }) {
  const unusable = [min, max].some((text) => text !== '' && readAge(text) === undefined);
  if (unusable) return `An age is a whole number from 0 to ${OLDEST}.`;
  return ageFault({ minAge: readAge(min), maxAge: readAge(max) });
}
