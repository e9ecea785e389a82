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

  /** @type {(view: View, typed: { min: string, max: string }, isStep?: boolean) => void} */
  function show(view, typed, isStep = false) {
    clearTimeout(typing);
    const before = store.get().view;
    store.set({ view, typed, drawn: undefined });
    if (questionOf(view).toString() === questionOf(before).toString()) return;
    const address = withQuery('/', questionOf(view));
    if (isStep) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    store.set({ faults: [] });
    look.anew();
  }

  /** @type {(changes: Partial<View>, isStep?: boolean) => void} */
  function choose(changes, isStep) {
    const view = { ...store.get().view, ...changes };
    show(view, typedAges(view), isStep);
  }

  return {
    /** @param {Partial<View>} changes */
    choose: (changes) => choose(changes),
    /** @param {Ages} ages */
    chooseAges: (ages) => choose(withoutEnds(ages)),
    /** One of many steps, which the browser's history should not hold one by one. @param {Ages} ages */
    stepAges: (ages) => choose(withoutEnds(ages), true),

    /** The ages as they are typed; what can't be meant yet changes nothing. @param {{ min: string, max: string }} typed */
    type(typed) {
      clearTimeout(typing);
      store.set({ typed });
      if (typedFault(typed)) return;
      typing = setTimeout(() => {
        const view = { ...store.get().view, minAge: readAge(typed.min), maxAge: readAge(typed.max) };
        show(view, typed);
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

/** Bounds at the ends of what can be asked for are none. @type {(ages: Ages) => Ages} */
const withoutEnds = ({ minAge, maxAge }) => ({
  minAge: minAge === 0 ? undefined : minAge,
  maxAge: maxAge === OLDEST ? undefined : maxAge,
});

/** What is wrong with the ages as they are typed. @type {(typed: { min: string, max: string }) => string | undefined} */
export function typedFault({ min, max }) {
  const unusable = [min, max].some((text) => text !== '' && readAge(text) === undefined);
  if (unusable) return `An age is a whole number from 0 to ${OLDEST}.`;
  return ageFault({ minAge: readAge(min), maxAge: readAge(max) });
}
