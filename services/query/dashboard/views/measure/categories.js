/** @import { Categories, Measure } from '../../fields/measure.js' */
/** @import { Actions } from '../../main.js' */
/** @import { Category } from '../../state/categories.js' */
/** @import { State } from '../../state/state.js' */

import { html } from 'lit-html';
import { number } from '../../format.js';
import { categoriesOf } from '../../state/categories.js';
import { rowsText } from '../../state/histogram.js';
import { entriesOf } from '../../state/state.js';
import { filterOfMeasure } from '../../state/view.js';

/**
 * The rows by value, as bars. A click on a bar filters by its value.
 *
 * @param {State} state
 * @param {Actions} actions
 * @param {Measure & Categories} measure
 * @param {string} having what some rows have: `with an image`; empty for no distinction
 */
export function categories(state, { chooseOnly }, measure, having) {
  const { dataset, view } = state;
  const filter = filterOfMeasure(dataset, measure);
  const all = categoriesOf(
    measure,
    entriesOf(state, measure),
    filter,
    view.values,
    dataset.companions[0]?.name,
  );
  const most = Math.max(1, ...all.map((each) => each.with + each.without));
  const isChosen = all.some((each) => each.isChosen);
  return html`<ul class="categories" aria-label=${`${dataset.title} by ${measure.label.toLowerCase()}`}>${all.map(
    (each) => html`<li><button type="button" class=${isChosen && !each.isChosen ? 'out' : ''}
      aria-pressed=${each.isChosen} ?disabled=${!each.choice} title=${each.label}
      @click=${() => filter && each.choice && chooseOnly(filter, each.choice)}>
      <span class="value">${each.label}</span>
      <span class="bar" aria-hidden="true">${part('with', each.with, most)}${part('without', each.without, most)}</span>
      <span class="count" title=${rowsText(each, dataset, having)}>${number(each.with + each.without)}</span>
    </button></li>`,
  )}</ul>`;
}

/** @type {(kind: keyof Category, count: number, most: number) => unknown} */
const part = (kind, count, most) =>
  html`<i class=${kind} .style=${`inline-size: ${(100 * count) / most}%`}></i>`;
