import { render } from 'lit-html';
import { makeChoice } from './actions/choose.js';
import { makeCopy } from './actions/copy.js';
import { makeDrag } from './actions/drag.js';
import { follow } from './actions/follow.js';
import { makeRowLoader } from './actions/load-rows.js';
import { makeLook } from './actions/look.js';
import { makeRunNow } from './actions/run-now.js';
import { makeScroll } from './actions/scroll.js';
import { day } from './format.js';
import { stateAtFirst } from './state/state.js';
import { makeStore } from './store.js';
import { page } from './views/page.js';
import { moveTable, tableHeight } from './views/users.js';

/** @typedef {typeof actions} Actions */

const root = document.getElementById('page') ?? document.body;
const store = makeStore(stateAtFirst(location.search, Date.now()), draw);
const look = makeLook(store);
const loadRows = makeRowLoader(store, look);
const choice = makeChoice(store, look);
const { takeRun } = follow(store, look);

const actions = {
  ...choice,
  show: look.anew,
  runNow: makeRunNow(store, takeRun),
  copy: makeCopy(store),
  scroll: makeScroll(store),
  drag: makeDrag(store, choice.chooseAges),
};

addEventListener('popstate', choice.readAddress);
addEventListener('resize', measure);
setInterval(tick, 1_000);
look.anew();

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

/** Ages count up, and at midnight people grow older. */
function tick() {
  const before = store.get().now;
  const now = Date.now();
  store.set({ now });
  if (day(now) !== day(before)) look.again();
}
