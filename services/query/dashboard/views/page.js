/** @import { Actions } from '../main.js' */
/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { ages } from './ages.js';
import { call } from './api-request.js';
import { changes } from './changes.js';
import { filterBar } from './filter-bar.js';
import { head } from './header.js';
import { now } from './key-figures.js';
import { rejects } from './rejects.js';
import { users } from './rows.js';
import { runs } from './runs.js';

/**
 * Renders the page.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export const page = (state, actions) => html`
  <a class="skip" href="#rows">Skip to the users</a>
  ${head(state, actions)}
  <main>
    ${now(state)}
    <section class="panel explore" aria-label="Users and their ages">
      ${filterBar(state, actions)} ${ages(state, actions)} ${users(state, actions)} ${call(state, actions)}
    </section>
    <div class="side">${runs(state, actions)} ${changes(state)} ${rejects(state)}</div>
  </main>
  <p class="unseen" role="status">${state.announcement}</p>
`;
