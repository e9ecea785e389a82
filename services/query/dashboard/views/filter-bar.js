/** @import { Actions } from '../main.js' */
/** @import { State } from '../state/state.js' */
import { html } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { typedFault } from '../actions/filter.js';
import { countOfNoun, decimal, number, percent, UNKNOWN } from '../format.js';
import { isFiltered, NO_FILTER } from '../state/view.js';

const IMAGE_CHOICES = /** @type {const} */ ([
  ['Any', undefined],
  ['With', true],
  ['Without', false],
]);

/**
 * The filters.
 *
 * @param {State} state
 * @param {Actions} actions
 */
export function filterBar(state, actions) {
  const { view, typed, faults } = state;
  const fault = typedFault(typed);
  return html`
    <form class="filter" @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <fieldset class="choice">
        <legend>Image</legend>
        <div class="segments">
          ${IMAGE_CHOICES.map(
            ([label, hasImage]) => html`<label>
              <input type="radio" name="image" .checked=${live(view.hasImage === hasImage)}
                @change=${() => actions.choose({ hasImage })}><span>${label}</span>
            </label>`,
          )}
        </div>
      </fieldset>
      <fieldset class="choice" aria-describedby="age-fault">
        <legend>Age</legend>
        <div class="pair">
          ${ageField('Minimum age', typed.min, fault, (min) => actions.type({ ...typed, min }))}
          <span aria-hidden="true">to</span>
          ${ageField('Maximum age', typed.max, fault, (max) => actions.type({ ...typed, max }))}
        </div>
      </fieldset>
      <button type="button" class="quiet" ?disabled=${!isFiltered(view) && !fault}
        @click=${() => actions.choose({ ...NO_FILTER, sort: view.sort })}>Clear</button>
    </form>
    <div class="under">
      <output class="matching">${matching(state)}</output>
      <p class="fault" id="age-fault" role="alert">${fault ?? addressFault(faults)}</p>
    </div>
  `;
}

/** @type {(label: string, value: string, fault: string | undefined, onInput: (text: string) => void) => unknown} */
const ageField = (label, value, fault, onInput) => html`
  <input inputmode="numeric" autocomplete="off" maxlength="3" placeholder="any" aria-label=${label}
    aria-invalid=${fault ? 'true' : 'false'} .value=${live(value)}
    @input=${(/** @type {InputEvent & { target: HTMLInputElement }} */ { target }) => onInput(target.value)}>
`;

/** @param {State} state */
function matching({ matching: found, all }) {
  if (!found || !all) return UNKNOWN;
  const who =
    found.count === all.count
      ? countOfNoun(found.count, 'user')
      : `${number(found.count)} of ${countOfNoun(all.count, 'user')}`;
  if (found.count === 0) return who;
  const median = found.median_age === null ? UNKNOWN : String(found.median_age);
  return `${who} · average ${decimal(found.average_age)}, median ${median} years · ${percent(found.with_image, found.count)} with an image`;
}

/** @param {readonly string[]} faults */
const addressFault = (faults) =>
  faults.length === 0 ? '' : `Ignored in this page’s address: ${faults.join(', ')}`;
