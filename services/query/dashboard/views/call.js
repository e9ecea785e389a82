/** @import { Actions } from '../main.js' */
/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { questionOf, withQuery } from '../state/view.js';

/**
 * The call of the API that answers with what is shown, ready to be copied.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export function call({ view, copied }, { copy }) {
  const url = location.origin + withQuery('/data', questionOf(view));
  const curl = `curl '${url}'`;
  return html`
    <div class="call" role="group" aria-label="The same from the API">
      <code id="call-url">${url}</code>
      <button type="button" @click=${() => copy('url', url)}>${copied === 'url' ? 'Copied' : 'Copy URL'}</button>
      <code id="call-curl">${curl}</code>
      <button type="button" @click=${() => copy('curl', curl)}>${copied === 'curl' ? 'Copied' : 'Copy curl'}</button>
    </div>
  `;
}
