/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { conditionOf } from '../state/condition.js';

/** What it is, and how well it goes. @param {State} state */
export function head({ status, connection }) {
  const { level, words, reasons } = conditionOf(status, connection);
  return html`
    <header class="head">
      <h1><img src="/assets/landfall.svg" alt="" width="28" height="28">Landfall</h1>
      <p class="condition" data-level=${level} role="status"><span class="lamp" aria-hidden="true"></span>${words}</p>
      <div class="why" role="alert">${
        reasons.length === 0
          ? ''
          : html`<ul class="reasons" data-level=${level} title=${reasons.join('\n')}>${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`
      }</div>
      <nav aria-label="More"><a href="/docs/">API</a></nav>
    </header>
  `;
}
