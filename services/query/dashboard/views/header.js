/** @import { Actions } from '../main.js' */
/** @import { Reason } from '../state/health.js' */
/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { isSignedIn, maySend, signOut } from '../api.js';
import { instant } from '../format.js';
import { healthOf } from '../state/health.js';

/**
 * The title of the page and the conditions of the service: what is wrong, since when, and what clears it.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export function head(state, actions) {
  const { level, words, reasons } = healthOf(state.status, state.connection);
  return html`
    <header class="head">
      <h1><img src="/assets/landfall.svg" alt="" width="28" height="28">Landfall</h1>
      <p class="condition" data-level=${level} role="status"><span class="lamp" aria-hidden="true"></span>${words}</p>
      <div class="why" role="alert">${
        reasons.length === 0
          ? ''
          : html`<ul class="reasons" data-level=${level} aria-label="Conditions">${reasons.map(
              (reason) => html`<li>${entry(reason, state, actions)}</li>`,
            )}</ul>`
      }</div>
      <nav aria-label="More"><a href="/docs/">API</a>${
        isSignedIn() ? html` <button type="button" class="quiet" @click=${signOut}>Sign out</button>` : ''
      }</nav>
      ${state.dataset.description === undefined ? '' : html`<p class="about">${state.dataset.description}</p>`}
    </header>
  `;
}

/** @type {(reason: Reason, state: State, actions: Actions) => unknown} */
function entry({ code, detail, since, clears }, { requestedRun }, { runNow }) {
  const isRequested = requestedRun !== undefined && !requestedRun.report && !requestedRun.refusal;
  // An absolute time: screen readers read a changing alert again.
  const when = since && html`<time datetime=${since} title=${instant(since)}>Since ${instant(since)}.</time>`;
  return html`<span>${detail} <small>${when ?? ''}${clears ? ` Clears when: ${clears}.` : ''}</small></span>${
    code === 'removals_held' && maySend('force')
      ? html`<button type="button" class="danger" aria-disabled=${isRequested}
          @click=${() => isRequested || runNow(true)}>Apply the removals</button>`
      : ''
  }`;
}
