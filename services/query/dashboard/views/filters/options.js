/** @import { ChoiceFilter, Filter } from '../../fields/filter.js' */
/** @import { Actions } from '../../main.js' */
/** @import { State } from '../../state/state.js' */
import { html } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { allOf, firstOf } from '../../fields/filter.js';

/** More options, or longer ones, are in a menu. */
const MAX_SIDE_BY_SIDE = 4;
const MAX_CHARACTERS = 24;

/**
 * One of a few options.
 *
 * @type {(filter: Filter & ChoiceFilter, state: State, actions: Actions) => unknown}
 */
export function switchControl(filter, { view }, { chooseValues }) {
  const { name, parameter, options } = filter;
  const chosen = firstOf(view.values, parameter);
  return html`<div class="segments">${options.map(
    ({ label, value }) => html`<label>
      <input type="radio" name=${name} .checked=${live(chosen === value)}
        @change=${() => chooseValues(filter, value === undefined ? {} : { [parameter]: [value] })}><span>${label}</span>
    </label>`,
  )}</div>`;
}

/**
 * Several of the options.
 *
 * @type {(filter: Filter & ChoiceFilter, state: State, actions: Actions) => unknown}
 */
export function choicesControl(filter, { view }, { chooseValues }) {
  const { label, parameter, options } = filter;
  const chosen = new Set(allOf(view.values, parameter));
  const boxes = options.map(
    (option) => html`<label>
      <input type="checkbox" .checked=${live(chosen.has(option.value ?? ''))}
        @change=${() => toggle(option.value ?? '')}><span>${option.label}</span>
    </label>`,
  );
  const characters = options.reduce((sum, option) => sum + option.label.length, 0);
  if (options.length <= MAX_SIDE_BY_SIDE && characters <= MAX_CHARACTERS)
    return html`<div class="segments">${boxes}</div>`;
  const summary = chosen.size === 0 ? 'Any' : chosen.size === 1 ? [...chosen][0] : `${chosen.size} chosen`;
  return html`<details class="menu"><summary aria-label=${`${label}: ${summary}`}>${summary}</summary>
    <div class="list" role="group" aria-label=${label}>${boxes}</div></details>`;

  /** @param {string} value */
  function toggle(value) {
    // In the order of the definition, so that one choice has one address.
    const values = options
      .map((option) => option.value ?? '')
      .filter((each) => (each === value ? !chosen.has(each) : chosen.has(each)));
    chooseValues(filter, values.length === 0 ? {} : { [parameter]: values });
  }
}

const PRESENCES = /** @type {const} */ ([
  ['present or not', undefined],
  ['present', 'true'],
  ['missing', 'false'],
]);

/**
 * Whether the value of an optional field is present.
 *
 * @type {(label: string, presence: string, state: State, actions: Actions) => unknown}
 */
export function presenceControl(label, presence, { view }, { choosePresence }) {
  const chosen = firstOf(view.values, presence);
  return html`<select aria-label=${`${label}: present or missing`} class=${chosen === undefined ? 'idle' : ''}
    @change=${(/** @type {Event & { target: HTMLSelectElement }} */ { target }) =>
      choosePresence(presence, PRESENCES[target.selectedIndex]?.[1])}>${PRESENCES.map(
      ([text, value]) => html`<option .selected=${live(value === chosen)}>${text}</option>`,
    )}</select>`;
}
