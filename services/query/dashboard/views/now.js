/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { ago, decimal, elapsed, instant, number, percent, UNKNOWN } from '../format.js';

/** The data set in a few figures. @param {State} state */
export function now({ all, status, generation, now }) {
  const made = status?.created_at;
  const checked = status?.checked_at;
  return html`
    <section class="panel now" aria-labelledby="now">
      <h2 id="now" class="unseen">Now</h2>
      <dl>
        ${figure('Users', number(all?.count), '')}
        ${figure('With an image', percent(all?.with_image, all?.count), all ? number(all.with_image) : '')}
        ${figure('Average age', decimal(all?.average_age), '')}
        ${figure('Median age', all?.median_age == null ? UNKNOWN : String(all.median_age), '')}
        ${figure('Rejects', number(status?.rejects), '', (status?.rejects ?? 0) > 0 ? 'warn' : '')}
        ${figure('Generation', number(generation), '')}
        ${figure(
          'Age of the data',
          made
            ? html`<time datetime=${made} title=${instant(made)}>${elapsed(now - Date.parse(made))}</time>`
            : UNKNOWN,
          checked ? `checked ${ago(checked, now)}` : '',
          'wide',
        )}
      </dl>
    </section>
  `;
}

/** @type {(name: string, value: unknown, more: string, kind?: string) => unknown} */
const figure = (name, value, more, kind = '') => html`
  <div class=${kind}><dt>${name} <small>${more}</small></dt><dd><b>${value}</b></dd></div>
`;
