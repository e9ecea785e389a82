/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { ago, elapsed, instant, number, UNKNOWN } from '../format.js';
import { figuresOf, statisticOf } from '../state/figures.js';

/** The key figures of the data set. @param {State} state */
export function now({ all, status, generation, now, dataset, view }) {
  const made = status?.created_at;
  const checked = status?.checked_at;
  return html`
    <section class="panel now" aria-labelledby="now">
      <h2 id="now" class="unseen">Now</h2>
      <dl>
        ${figuresOf(dataset, statisticOf(dataset, view), all).map(({ name, value, more }) => figure(name, value, more))}
        ${figure('Rejects', number(status?.rejects), '', (status?.rejects ?? 0) > 0 ? 'warn' : '')}
        ${figure('Generation', number(generation), '')}
        ${figure(
          'Age of the data',
          made ? elapsed(now - Date.parse(made)) : UNKNOWN,
          checked ? `checked ${ago(checked, now)}` : '',
          'wide',
          made ?? undefined,
        )}
      </dl>
    </section>
  `;
}

/**
 * A figure is never truncated: its font size depends on its length and the available width.
 *
 * @type {(name: string, value: string, more: string, kind?: string, time?: string) => unknown}
 */
const figure = (name, value, more, kind = '', time = undefined) => html`
  <div class=${kind}><dt>${name}</dt><dd .style=${`--characters: ${value.length}`}><b>${
    time === undefined ? value : html`<time datetime=${time} title=${instant(time)}>${value}</time>`
  }</b><small>${more}</small></dd></div>
`;
