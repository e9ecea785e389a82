/** @import { Ages } from '../state/ages.js' */
/** @import { View } from '../state/view.js' */
/** @import { Store } from '../store.js' */
/** @import { ViewLoader } from './load-view.js' */

import { MAX_AGE } from '@landfall/query/http/dashboard-limits';
import { typedAges } from '../state/state.js';
import { ageFault, queryOf, readAge, readView, withQuery } from '../state/view.js';

/** Debounce of typing, ms. */
const TYPED_AFTER_MS = 250;

/**
 * Changes the filter and the sort order, and the page's address.
 *
 * @param {Store} store
 * @param {ViewLoader} viewLoader
 */
export function makeFilterActions(store, viewLoader) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;

  /** @type {(view: View, typed: { min: string, max: string }, isStep?: boolean) => void} */
  function show(view, typed, isStep = false) {
    clearTimeout(typing);
    const before = store.get().view;
    store.set({ view, typed, dragged: undefined });
    if (queryOf(view).toString() === queryOf(before).toString()) return;
    const address = withQuery('/', queryOf(view));
    if (isStep) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    store.set({ faults: [] });
    viewLoader.loadFirst();
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
    /** Replaces the history entry, since a key press is one of many steps. @param {Ages} ages */
    stepAges: (ages) => choose(withoutEnds(ages), true),

    /** Takes the ages as they are typed. An invalid text changes nothing. @param {{ min: string, max: string }} typed */
    type(typed) {
      clearTimeout(typing);
      store.set({ typed });
      if (typedFault(typed)) return;
      typing = setTimeout(() => {
        const view = { ...store.get().view, minAge: readAge(typed.min), maxAge: readAge(typed.max) };
        show(view, typed);
      }, TYPED_AFTER_MS);
    },

    /** Reads the address after the browser's back or forward. */
    readAddress() {
      const { view, faults } = readView(location.search);
      store.set({ view, faults, typed: typedAges(view), dragged: undefined });
      viewLoader.loadFirst();
    },
  };
}

/** A bound at the end of the scale is no bound. @type {(ages: Ages) => Ages} */
const withoutEnds = ({ minAge, maxAge }) => ({
  minAge: minAge === 0 ? undefined : minAge,
  maxAge: maxAge === MAX_AGE ? undefined : maxAge,
});

/** Returns what is wrong with the typed ages. @type {(typed: { min: string, max: string }) => string | undefined} */
export function typedFault({ min, max }) {
  const unusable = [min, max].some((text) => text !== '' && readAge(text) === undefined);
  if (unusable) return `An age is a whole number from 0 to ${MAX_AGE}.`;
  return ageFault({ minAge: readAge(min), maxAge: readAge(max) });
}
