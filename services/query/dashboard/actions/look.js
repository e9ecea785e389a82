/** @import { State } from '../state/state.js' */
/** @import { Store } from '../store.js' */
import { Problem, readStats, readUsers } from '../api.js';
import { countOf, firstRows, indexOf, MAX_LIMIT, NO_ROWS, nextLimit, rowsIn } from '../state/rows.js';
import { filterOf, questionOf, withQuery } from '../state/view.js';
import { ROW_PX } from '../state/window.js';
import { shared } from './shared.js';

/** @typedef {ReturnType<typeof makeLook>} Look */

/**
 * Reads what the page shows of the data set: figures, ages and rows, all at once, and shows them together.
 *
 * @param {Store} store
 */
export function makeLook(store) {
  let current = new AbortController();

  /** @type {(read: (signal: AbortSignal) => Promise<Partial<State>>) => Promise<void>} */
  async function show(read) {
    const { signal } = current;
    try {
      const found = await read(signal);
      if (!signal.aborted) store.set({ ...found, isLooking: false, trouble: undefined });
    } catch (error) {
      if (!signal.aborted) store.set({ isLooking: false, trouble: inWords(error) });
    }
  }

  /** For another view: its first rows. */
  async function anew() {
    current.abort();
    current = new AbortController();
    store.set({ isLooking: true });
    await show(async (signal) => {
      const [figures, rows] = await Promise.all([
        readFigures(store.get(), signal),
        readFirst(store.get(), nextLimit(NO_ROWS), signal),
      ]);
      return { ...figures, rows, ...at(store.get(), 0) };
    });
  }

  /** For newer data: as many rows as there are, at the same place. So many that this would take long stay as they are. */
  const again = shared(async () => {
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

  return { anew, again };
}

/** @type {(state: State, signal: AbortSignal) => Promise<Pick<State, 'all' | 'matching' | 'ages'>>} */
async function readFigures({ view, generation }, signal) {
  /** @param {URLSearchParams} query */
  const read = (query) => readStats(notBefore(query, generation), signal);
  const whateverAge = filterOf({ ...view, minAge: undefined, maxAge: undefined });
  whateverAge.set('histogram', 'true');
  const [all, matching, { histogram: ages = [] }] = await Promise.all([
    read(new URLSearchParams()),
    read(filterOf(view)),
    read(whateverAge),
  ]);
  return { all, matching, ages };
}

/** @type {(state: State, limit: number, signal: AbortSignal) => Promise<State['rows']>} */
async function readFirst({ view, generation }, limit, signal) {
  const query = questionOf(view);
  query.set('limit', String(limit));
  const page = await readUsers(withQuery('/data', notBefore(new URLSearchParams(query), generation)), signal);
  query.set('generation', String(page.generation));
  return firstRows(withQuery('/data', query), page);
}

/**
 * Of several replicas, one may not yet serve what another has told of.
 *
 * @type {(query: URLSearchParams, generation: number | undefined) => URLSearchParams}
 */
function notBefore(query, generation) {
  if (generation !== undefined) query.set('min_generation', String(generation));
  return query;
}

/** @type {(state: State, top: number) => Pick<State, 'scroll' | 'moveTo'>} */
const at = ({ scroll }, top) => ({ scroll: { ...scroll, top }, moveTo: top });

/** Whoever is at the top stays there; further down, the row that is uppermost does. */
/** @type {(state: State, rows: State['rows']) => Partial<State>} */
function samePlace(state, rows) {
  const first = Math.floor(state.scroll.top / ROW_PX);
  const [user] = rowsIn(state.rows, { first, end: first + 1 });
  if (first === 0 || !user) return {};
  const now = indexOf(rows, user.user_id);
  return now === undefined || now === first ? {} : at(state, state.scroll.top + (now - first) * ROW_PX);
}

/** @type {(error: unknown) => string} */
export function inWords(error) {
  return error instanceof Problem ? error.message : 'The service does not answer.';
}
