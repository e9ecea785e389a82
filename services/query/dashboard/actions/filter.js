/** @import { Filter, Typed, Values } from '../fields/filter.js' */
/** @import { Statistic } from '../fields/measure.js' */
/** @import { Bounds } from '../state/histogram.js' */
/** @import { View } from '../state/view.js' */
/** @import { Store } from '../store.js' */
/** @import { ViewLoader } from './load-view.js' */

import { oneValue } from '../fields/filter.js';
import { typedTexts } from '../state/state.js';
import {
  addressOf,
  filterOfMeasure,
  ownParameters,
  queryOf,
  readView,
  replaced,
  withQuery,
} from '../state/view.js';

/** Debounce of typing, ms. */
const TYPED_AFTER_MS = 250;

/**
 * Changes the filter, the sort order and the histogram, and the page's address.
 *
 * @param {Store} store
 * @param {ViewLoader} viewLoader
 */
export function makeFilterActions(store, viewLoader) {
  const { dataset } = store.get();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** The filters whose texts have changed since the view was shown. @type {Set<Filter>} */
  const typing = new Set();

  /** @type {(view: View, typed: Typed, isStep?: boolean) => void} */
  function show(view, typed, isStep = false) {
    clearTimeout(timer);
    typing.clear();
    const before = store.get().view;
    store.set({ view, typed, dragged: undefined });
    if (addressOf(dataset, view).toString() === addressOf(dataset, before).toString()) return;
    const address = withQuery('/', addressOf(dataset, view));
    if (isStep) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    store.set({ faults: [] });
    const areSameRows = queryOf(dataset, view).toString() === queryOf(dataset, before).toString();
    if (areSameRows) viewLoader.reload();
    else viewLoader.loadFirst();
  }

  /** @type {(changes: Partial<View>, isStep?: boolean) => void} */
  function choose(changes, isStep) {
    const view = { ...store.get().view, ...changes };
    show(view, typedTexts(dataset, view.values), isStep);
  }

  /** @type {(names: readonly string[], values: Values, isStep?: boolean) => void} */
  const replace = (names, values, isStep) =>
    choose({ values: replaced(store.get().view.values, names, values) }, isStep);

  function showTyped() {
    const { view, typed } = store.get();
    let { values } = view;
    for (const filter of typing) {
      const parsed = 'parse' in filter ? filter.parse(typed) : {};
      if (typeof parsed !== 'string') values = replaced(values, ownParameters(filter), parsed);
    }
    show({ ...view, values }, typed);
  }

  return {
    /** @param {string} sort */
    sort: (sort) => choose({ sort }),
    /** @param {string} measure its name */
    chooseMeasure: (measure) =>
      choose({ measure: measure === dataset.measures[0]?.name ? undefined : measure }),
    /** Removes all filters. */
    clear: () => choose({ values: {} }),

    /** Sets the values of a filter. @param {Filter} filter @param {Values} values */
    chooseValues: (filter, values) => replace(ownParameters(filter), values),
    /** Sets all values of a filter, those for missing values included. @param {Filter} filter @param {Values} values */
    chooseOnly: (filter, values) =>
      replace(
        filter.parameters.map(({ name }) => name),
        values,
      ),
    /** Rows with or without a value. @param {string} presence @param {string | undefined} value */
    choosePresence: (presence, value) => replace([presence], oneValue(presence, value)),

    /**
     * Sets the bounds of a statistic. A key press is one of many steps, so it replaces the history entry.
     *
     * @type {(statistic: Statistic, bounds: Bounds, isStep?: boolean) => void}
     */
    bound(statistic, { min, max }, isStep) {
      const { name, digits } = statistic;
      const filter = filterOfMeasure(dataset, statistic);
      if (!filter) return;
      const values = {
        ...oneValue(`min_${name}`, min?.toFixed(digits)),
        ...oneValue(`max_${name}`, max?.toFixed(digits)),
      };
      replace(ownParameters(filter), values, isStep);
    },

    /** Takes a text as it is typed. An invalid text changes nothing. @type {(filter: Filter, input: string, text: string) => void} */
    type(filter, input, text) {
      clearTimeout(timer);
      const typed = { ...store.get().typed, [input]: text };
      store.set({ typed });
      typing.add(filter);
      if ('parse' in filter && typeof filter.parse(typed) === 'string') return;
      timer = setTimeout(showTyped, TYPED_AFTER_MS);
    },

    /** Reads the address after the browser's back or forward. */
    readAddress() {
      clearTimeout(timer);
      typing.clear();
      const { view, faults } = readView(dataset, location.search);
      store.set({ view, faults, typed: typedTexts(dataset, view.values), dragged: undefined });
      viewLoader.loadFirst();
    },
  };
}
