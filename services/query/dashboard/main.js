import { render } from 'lit-html';
import { makeCopy } from './actions/copy.js';
import { makeDrag } from './actions/drag.js';
import { makeFilterActions } from './actions/filter.js';
import { follow } from './actions/follow-events.js';
import { makeRowLoader } from './actions/load-rows.js';
import { makeViewLoader } from './actions/load-view.js';
import { makeRunNow } from './actions/run-now.js';
import { makeScroll } from './actions/scroll.js';
import { day } from './format.js';
import { initialState } from './state/state.js';
import { makeStore } from './store.js';
import { page } from './views/page.js';
import { moveTable, tableHeight } from './views/rows.js';

/** @typedef {typeof actions} Actions */

const root = document.getElementById('page') ?? document.body;
const store = makeStore(initialState(location.search, Date.now()), draw);
const viewLoader = makeViewLoader(store);
const loadRows = makeRowLoader(store, viewLoader);
const choice = makeFilterActions(store, viewLoader);
const { applyRun } = follow(store, viewLoader);

const actions = {
  ...choice,
  show: viewLoader.loadFirst,
  runNow: makeRunNow(store, applyRun),
  copy: makeCopy(store),
  scroll: makeScroll(store),
  drag: makeDrag(store, choice.chooseAges),
};

addEventListener('popstate', choice.readAddress);
addEventListener('resize', measure);
setInterval(tick, 1_000);
viewLoader.loadFirst();

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
