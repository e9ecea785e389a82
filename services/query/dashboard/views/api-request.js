/** @import { Actions } from '../main.js' */
/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { queryOf, withQuery } from '../state/view.js';

/**
 * The API request for the shown rows, with buttons to copy it.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export function call({ dataset, view, copied }, { copy }) {
  const url = location.origin + withQuery('/data', queryOf(dataset, view));
  const curl = `curl '${url}'`;
  return html`
    <div class="call" role="group" aria-label="The API request for this view">
      <code id="call-url">${url}</code>
      <button type="button" @click=${() => copy('url', url)}>${copied === 'url' ? 'Copied' : 'Copy URL'}</button>
      <code id="call-curl">${curl}</code>
      <button type="button" @click=${() => copy('curl', curl)}>${copied === 'curl' ? 'Copied' : 'Copy curl'}</button>
    </div>
  `;
}
