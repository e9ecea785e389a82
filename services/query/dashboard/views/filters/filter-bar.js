/** @import { Filter } from '../../fields/filter.js' */
/** @import { Actions } from '../../main.js' */
/** @import { State } from '../../state/state.js' */
import { html } from 'lit-html';
import { dividedFilters } from '../../state/facets.js';
import { typedFault } from '../../state/state.js';
import { isActive, isFiltered } from '../../state/view.js';
import { matching } from './matching.js';
import { choicesControl, presenceControl, switchControl } from './options.js';
import { typedControl } from './typed.js';

/**
 * The filters: the facets, and behind them all others.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export function filterBar(state, actions) {
  const { view, dataset, faults } = state;
  const fault = typedFault(state);
  const { first, others } = dividedFilters(dataset);
  const active = others.filter((filter) => isActive(view, filter)).length;
  return html`
    <form class="filter" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
      ${first.map((filter) => control(filter, state, actions))}
      ${
        others.length === 0
          ? ''
          : html`<details class="more"><summary>More filters${active === 0 ? '' : html` <b class="badge">${active}</b>`}</summary>
              <div class="others">${others.map((filter) => control(filter, state, actions))}</div></details>`
      }
    </form>
    <div class="under">
      <output class="matching">${matching(state)}</output>
      <button type="button" class="quiet" ?disabled=${!isFiltered(view) && !fault} @click=${actions.clear}>Clear</button>
      <p class="fault" id="filter-fault" role="alert">${fault ?? addressFault(faults)}</p>
    </div>
  `;
}

/** @type {(filter: Filter, state: State, actions: Actions) => unknown} */
const control = (filter, state, actions) => html`
  <fieldset class="choice" aria-describedby="filter-fault" data-filter=${filter.name}>
    <legend>${filter.label}</legend>
    ${controlOf(filter, state, actions)}
    ${filter.presence === undefined ? '' : presenceControl(filter.label, filter.presence, state, actions)}
  </fieldset>
`;

/** @type {(filter: Filter, state: State, actions: Actions) => unknown} */
function controlOf(filter, state, actions) {
  switch (filter.control) {
    case 'switch':
      return switchControl(filter, state, actions);
    case 'choices':
      return choicesControl(filter, state, actions);
    default:
      return typedControl(filter, state, actions);
  }
}

/** @param {readonly string[]} faults */
const addressFault = (faults) =>
  faults.length === 0 ? '' : `Ignored in this page’s address: ${faults.join(', ')}`;
