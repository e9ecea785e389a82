/** @import { Measure } from '../fields/measure.js' */
/** @import { State } from '../state/state.js' */
/** @import { Store } from '../store.js' */
import { Problem, readRows, readStats } from '../api.js';
import { countOf, firstRows, indexOf, MAX_LIMIT, NO_ROWS, nextLimit, rowsIn } from '../state/rows.js';
import { filterOf, filterOfMeasure, measureOf, queryOf, replaced, withQuery } from '../state/view.js';
import { ROW_PX } from '../state/visible-rows.js';
import { coalesce } from './coalesce.js';

/** @typedef {ReturnType<typeof makeViewLoader>} ViewLoader */

/**
 * Loads what the page shows of the data set, statistics, histogram and rows, and shows them together.
 *
 * @param {Store} store
 */
export function makeViewLoader(store) {
  let current = new AbortController();

  /** @type {(read: (signal: AbortSignal) => Promise<Partial<State>>) => Promise<void>} */
  async function show(read) {
    const { signal } = current;
    try {
      const found = await read(signal);
      if (!signal.aborted) store.set({ ...found, isLoadingView: false, loadError: undefined });
    } catch (error) {
      if (!signal.aborted) store.set({ isLoadingView: false, loadError: describe(error) });
    }
  }

  /** Loads the first rows of a new view. */
  async function loadFirst() {
    current.abort();
    current = new AbortController();
    store.set({ isLoadingView: true });
    await show(async (signal) => {
      const [figures, rows] = await Promise.all([
        readFigures(store.get(), signal),
        readFirst(store.get(), nextLimit(NO_ROWS), signal),
      ]);
      return { ...figures, rows, ...at(store.get(), 0) };
    });
  }

  /** Reloads as many rows as are listed, at the same position. More rows than one request can return stay as they are. */
  const reload = coalesce(async () => {
    await show(async (signal) => {
      const state = store.get();
      const count = countOf(state.rows);
      const [figures, rows] = await Promise.all([
        readFigures(state, signal),
        count > MAX_LIMIT ? undefined : readFirst(state, Math.max(count, nextLimit(NO_ROWS)), signal),
      ]);
      return rows ? { ...figures, rows, ...samePlace(store.get(), rows) } : figures;
    });
  });

  return { loadFirst, reload };
}

/**
 * Reads the statistics of all rows, of the matching ones, and the histogram. Its answer has the statistics, too: a large data set
 * is not summarized twice for the same rows.
 *
 * @type {(state: State, signal: AbortSignal) => Promise<Pick<State, 'all' | 'matching' | 'histogram'>>}
 */
async function readFigures({ dataset, view, generation }, signal) {
  /** @param {URLSearchParams} query */
  const read = (query) => readStats(withMinGeneration(new URLSearchParams(query), generation), signal);
  const measure = measureOf(dataset, view);
  // All bars stay visible when some are chosen: the filter of the measure is left out.
  const own = measure && filterOfMeasure(dataset, measure)?.parameters.map(({ name }) => name);
  const counted = filterOf(dataset, replaced(view.values, own ?? [], {}));
  const histogram = measure && read(withHistogram(counted, measure));
  /** @param {URLSearchParams} query */
  const statsOf = (query) => (histogram && `${query}` === `${counted}` ? histogram : read(query));
  const everything = statsOf(new URLSearchParams());
  const filter = filterOf(dataset, view.values);
  const [all, matching, bars] = await Promise.all([
    everything,
    filter.size === 0 ? everything : statsOf(filter),
    histogram,
  ]);
  return { all, matching, histogram: { measure: measure?.name, entries: bars?.histogram ?? [] } };
}

/** @type {(query: URLSearchParams, measure: Measure) => URLSearchParams} */
function withHistogram(query, { query: histogram }) {
  const asked = new URLSearchParams(query);
  asked.set('histogram', histogram);
  return asked;
}

/** @type {(state: State, limit: number, signal: AbortSignal) => Promise<State['rows']>} */
async function readFirst({ dataset, view, generation }, limit, signal) {
  const query = queryOf(dataset, view);
  query.set('limit', String(limit));
  const page = await readRows(
    withQuery('/data', withMinGeneration(new URLSearchParams(query), generation)),
    signal,
  );
  query.set('generation', String(page.generation));
  return firstRows(withQuery('/data', query), page);
}

/**
 * Another replica may not serve the announced generation yet.
 *
 * @type {(query: URLSearchParams, generation: number | undefined) => URLSearchParams}
 */
function withMinGeneration(query, generation) {
  if (generation !== undefined) query.set('min_generation', String(generation));
  return query;
}

/** @type {(state: State, top: number) => Pick<State, 'scroll' | 'moveTo'>} */
const at = ({ scroll }, top) => ({ scroll: { ...scroll, top }, moveTo: top });

/** Keeps the scroll position: the top, or the first visible row. */
/** @type {(state: State, rows: State['rows']) => Partial<State>} */
function samePlace(state, rows) {
  const first = Math.floor(state.scroll.top / ROW_PX);
  const [row] = rowsIn(state.rows, { first, end: first + 1 });
  if (first === 0 || !row) return {};
  const { key } = state.dataset;
  const now = indexOf(rows, key, String(row[key]));
  return now === undefined || now === first ? {} : at(state, state.scroll.top + (now - first) * ROW_PX);
}

/** @type {(error: unknown) => string} */
export function describe(error) {
  return error instanceof Problem ? error.message : 'The service does not answer.';
}
