/** @import { Actions } from '../main.js' */
/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { call } from './api-request.js';
import { changes } from './changes.js';
import { filterBar } from './filters/filter-bar.js';
import { head } from './header.js';
import { now } from './key-figures.js';
import { measure } from './measure/measure.js';
import { rejects } from './rejects.js';
import { runs } from './runs.js';
import { rows } from './table/rows.js';

/**
 * Renders the page.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export const page = (state, actions) => html`
  <a class="skip" href="#rows">Skip to the ${state.dataset.many}</a>
  ${head(state, actions)}
  <main>
    ${now(state)}
    <section class="panel explore" aria-label=${`Explore the ${state.dataset.many}`}>
      ${filterBar(state, actions)} ${measure(state, actions)} ${rows(state, actions)} ${call(state, actions)}
    </section>
    <div class="side">${runs(state, actions)} ${changes(state)} ${rejects(state)}</div>
  </main>
  <p class="unseen" role="status">${state.announcement}</p>
`;
