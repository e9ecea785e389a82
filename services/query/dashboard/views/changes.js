/** @import { Dataset } from '../fields/dataset.js' */
/** @import { Seen } from '../state/changes.js' */
/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { ago } from '../format.js';

/** Changes since the page was opened. @param {State} state */
export const changes = ({ changes: seen, flashing, now, dataset }) => html`
  <section class="panel changes" aria-labelledby="changes">
    <div class="title"><h2 id="changes">Changes</h2></div>
    ${seen.length === 0 ? html`<p class="none">Changes appear here while this page is open.</p>` : ''}
    <ol>${repeat(
      seen,
      ({ change }) => change.id,
      (each) => entry(each, flashing, now, dataset),
    )}</ol>
  </section>
`;

/** @type {(seen: Seen, flashing: ReadonlySet<string>, now: number, dataset: Dataset) => unknown} */
function entry({ change: { change, row, id, generation }, at }, flashing, now, { labelsOf }) {
  const label = row ? labelsOf(row).join(' ') : '';
  return html`<li class=${flashing.has(id) ? 'flash' : ''}>
    <span class="kind" data-kind=${change}>${change}</span>
    <span class="who" title=${`${label} ${id}`.trim()}>${label} <small>${id}</small></span>
    <small class="when" title=${`generation ${generation}`}>${ago(new Date(at).toISOString(), now)}</small>
  </li>`;
}
