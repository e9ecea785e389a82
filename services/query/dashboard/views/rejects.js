/** @import { Reject } from '@landfall/contracts/dataset/reject' */
/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { ago, instant, number } from '../format.js';

/** The rejected files, with reasons. @param {State} state */
export const rejects = ({ rejects: listed, status, now }) => html`
  <section class="panel rejects" aria-labelledby="rejects">
    <div class="title"><h2 id="rejects">Rejects</h2>${status?.rejects ? html`<b class="badge">${number(status.rejects)}</b>` : ''}</div>
    ${listed.length === 0 ? html`<p class="none">No rejects.</p>` : ''}
    <ul tabindex=${listed.length === 0 ? -1 : 0} aria-label="Rejected files">${repeat(
      listed,
      ({ key }) => key,
      (each) => entry(each, now),
    )}</ul>
    ${
      (status?.rejects ?? 0) > listed.length && listed.length > 0
        ? html`<p class="none">The first ${number(listed.length)} are listed. <a href="/rejects">All rejects</a></p>`
        : ''
    }
  </section>
`;

/** @type {(reject: Reject, now: number) => unknown} */
const entry = ({ key, reason, detail, since, kept_previous: kept }, now) => html`
  <li>
    <span class="key">${key}</span> <span class="reason">${reason}</span>
    <p>${detail}</p>
    <small><time datetime=${since} title=${instant(since)}>since ${ago(since, now)}</time>${kept ? ' · the last good version is served' : ''}</small>
  </li>
`;
