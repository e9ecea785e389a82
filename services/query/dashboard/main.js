import { render } from 'lit-html';
import { makeChooseColumns, storedColumns } from './actions/choose-columns.js';
import { closeMenus } from './actions/close-menus.js';
import { makeCopy } from './actions/copy.js';
import { makeDrag } from './actions/drag.js';
import { makeFilterActions } from './actions/filter.js';
import { follow } from './actions/follow-events.js';
import { makeRowLoader } from './actions/load-rows.js';
import { describe, makeViewLoader } from './actions/load-view.js';
import { makeRunNow } from './actions/run-now.js';
import { makeScroll } from './actions/scroll.js';
import { parseDefinition, readDefinition } from './api.js';
import { datasetOf } from './fields/dataset.js';
import { day } from './format.js';
import { initialState } from './state/state.js';
import { makeStore } from './store.js';
import { page } from './views/page.js';
import { moveTable, tableHeight } from './views/table/rows.js';
import { waiting } from './views/waiting.js';

/** @typedef {ReturnType<typeof start>} Actions */

/** Delay between two attempts to read the definition, ms. */
const AGAIN_MS = 2_000;

const root = document.getElementById('page') ?? document.body;
load();

/** Reads the definition, and draws the page from it. */
async function load() {
  render(waiting(undefined), root);
  for (;;) {
    try {
      const text = await readDefinition();
      const dataset = datasetOf(parseDefinition(text));
      render('', root);
      start(dataset, text);
      return;
    } catch (error) {
      render(waiting(describe(error)), root);
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/**
 * @param {import('./fields/dataset.js').Dataset} dataset
 * @param {string} definition as text
 */
function start(dataset, definition) {
  document.title = `${dataset.title} · Landfall`;
  const first = initialState(dataset, location.search, Date.now(), storedColumns(dataset.name));
  const store = makeStore(first, draw);
  const viewLoader = makeViewLoader(store);
  const loadRows = makeRowLoader(store, viewLoader);
  const choice = makeFilterActions(store, viewLoader);
  const { applyRun } = follow(store, viewLoader, checkDefinition);

  const actions = {
    ...choice,
    show: viewLoader.loadFirst,
    runNow: makeRunNow(store, applyRun),
    copy: makeCopy(store),
    scroll: makeScroll(store),
    drag: makeDrag(store, choice.bound),
    chooseColumn: makeChooseColumns(store),
  };

  addEventListener('popstate', choice.readAddress);
  addEventListener('resize', measure);
  closeMenus();
  setInterval(tick, 1_000);
  viewLoader.loadFirst();
  return actions;

  /** @param {import('./state/state.js').State} state */
  function draw(state) {
    render(page(state, actions), root);
    if (state.moveTo !== undefined) {
      moveTable(state.moveTo);
      store.set({ moveTo: undefined });
    }
    if (state.scroll.height === 0) measure();
    loadRows();
  }

  function measure() {
    store.set({ scroll: { ...store.get().scroll, height: tableHeight() } });
  }

  /** Updates the clock, and reloads at midnight UTC, when ages change. */
  function tick() {
    const before = store.get().now;
    const now = Date.now();
    store.set({ now });
    if (day(now) !== day(before)) viewLoader.reload();
  }

  /** Draws the page anew for another definition. */
  async function checkDefinition() {
    const current = await readDefinition().catch(() => definition);
    if (current !== definition) location.reload();
  }
}
