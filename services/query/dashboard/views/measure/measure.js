/** @import { Measure } from '../../fields/measure.js' */
/** @import { Actions } from '../../main.js' */
/** @import { State } from '../../state/state.js' */

import { html } from 'lit-html';
import { isStatistic } from '../../fields/measure.js';
import { withArticle, wordsOf } from '../../fields/words.js';
import { measureOf } from '../../state/view.js';
import { categories } from './categories.js';
import { histogram } from './histogram.js';

/**
 * The histogram of the chosen measure; nothing when the data set has none.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export function measure(state, actions) {
  const { dataset, view, all } = state;
  const shown = measureOf(dataset, view);
  if (!shown) return '';
  const [companion] = dataset.companions;
  const having = companion ? `with ${withArticle(wordsOf(companion.name))}` : '';
  const { pointed, chart } = drawn(shown);
  return html`
    <figure class="measure" aria-labelledby="measure">
      <figcaption>
        <h2 id="measure">${shown.label}</h2>
        ${dataset.measures.length > 1 ? select(shown.name) : ''}
        ${companion ? html`<p class="legend"><i class="with"></i>${having} <i class="without"></i>without</p>` : ''}
        <p class="pointed">${pointed}</p>
      </figcaption>
      ${chart}
    </figure>
  `;

  /** @param {Measure} shown */
  function drawn(shown) {
    if (all?.count === 0) {
      return { pointed: '', chart: html`<p class="none">There are no ${dataset.many} yet.</p>` };
    }
    if (isStatistic(shown)) return histogram(state, actions, shown, having);
    return { pointed: 'Choose a bar to filter', chart: categories(state, actions, shown, having) };
  }

  /** @param {string} chosen */
  function select(chosen) {
    return html`<select aria-label="Histogram of"
      @change=${(/** @type {Event & { target: HTMLSelectElement }} */ { target }) => actions.chooseMeasure(target.value)}>
      ${dataset.measures.map(({ name, label }) => html`<option value=${name} .selected=${name === chosen}>${label}</option>`)}
    </select>`;
  }
}
