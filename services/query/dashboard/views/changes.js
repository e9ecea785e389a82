/** @import { Seen } from '../state/changes.js' */
/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { ago } from '../format.js';

/** Changes since the page was opened. @param {State} state */
export const changes = ({ changes: seen, flashing, now }) => html`
  <section class="panel changes" aria-labelledby="changes">
    <div class="title"><h2 id="changes">Changes</h2></div>
    ${seen.length === 0 ? html`<p class="none">Changes appear here while this page is open.</p>` : ''}
    <ol>${repeat(
      seen,
      ({ change }) => change.user_id,
      (each) => entry(each, flashing, now),
    )}</ol>
  </section>
`;

/** @type {(seen: Seen, flashing: ReadonlySet<string>, now: number) => unknown} */
const entry = ({ change: { change, user, user_id, generation }, at }, flashing, now) => html`
  <li class=${flashing.has(user_id) ? 'flash' : ''}>
    <span class="kind" data-kind=${change}>${change}</span>
    <span class="who" title=${user ? `${user.first_name} ${user.last_name} ${user_id}` : user_id}>${user ? `${user.first_name} ${user.last_name}` : ''} <small>${user_id}</small></span>
    <small class="when" title=${`generation ${generation}`}>${ago(new Date(at).toISOString(), now)}</small>
  </li>
`;
