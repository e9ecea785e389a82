/** @import { Filter, TypedFilter } from '../../fields/filter.js' */
/** @import { Actions } from '../../main.js' */
/** @import { State } from '../../state/state.js' */
import { html } from 'lit-html';
import { live } from 'lit-html/directives/live.js';

/** @typedef {InputEvent & { target: HTMLInputElement }} Typing */

/**
 * The input fields of a filter: one text, or the two ends of a range.
 *
 * @type {(filter: Filter & TypedFilter, state: State, actions: Actions) => unknown}
 */
export function typedControl(filter, { typed }, { type }) {
  const isInvalid = typeof filter.parse(typed) === 'string';
  const inputs = filter.inputs.map(({ name, label, length, hint }) => {
    const common = {
      label,
      isInvalid,
      hint,
      text: typed[name] ?? '',
      onInput: (/** @type {string} */ text) => type(filter, name, text),
    };
    return filter.control === 'days'
      ? dayInput(common)
      : textInput({ ...common, length, isNumber: filter.control === 'range' });
  });
  if (inputs.length === 1) return html`<div class="pair">${inputs}</div>`;
  return html`<div class="pair">${inputs[0]}<span aria-hidden="true">to</span>${inputs[1]}</div>`;
}

/** @typedef {{ label: string, isInvalid: boolean, hint: string, text: string, onInput: (text: string) => void }} Input */

/** @param {Input & { length: number, isNumber: boolean }} input */
const textInput = ({ label, isInvalid, hint, text, length, isNumber, onInput }) => html`
  <input inputmode=${isNumber ? 'decimal' : 'search'} autocomplete="off" spellcheck="false" placeholder=${isNumber ? hint : 'any'}
    title=${isNumber ? '' : hint} aria-label=${label} aria-invalid=${isInvalid} .style=${`--characters: ${length}`} .value=${live(text)}
    @input=${(/** @type {Typing} */ { target }) => onInput(target.value)}>
`;

/** A day that is not complete yet has the value of no day: it is not taken. @param {Input} input */
const dayInput = ({ label, isInvalid, hint, text, onInput }) => html`
  <input type="date" title=${hint} aria-label=${label} aria-invalid=${isInvalid} .value=${live(text)}
    @input=${(/** @type {Typing} */ { target }) => target.validity.badInput || onInput(target.value)}>
`;
