/** @import { Filter, TypedFilter } from '../../fields/filter.js' */
/** @import { Actions } from '../../main.js' */
/** @import { State } from '../../state/state.js' */
import { html } from 'lit-html';
import { live } from 'lit-html/directives/live.js';

/** @typedef {InputEvent & { target: HTMLInputElement }} Typing */
/** @typedef {TypedFilter['inputs'][number] & { text: string, isInvalid: boolean, onInput: (text: string) => void }} Input */

/**
 * The input fields of a filter: one text, or the two ends of a range.
 *
 * @type {(filter: Filter & TypedFilter, state: State, actions: Actions) => unknown}
 */
export function typedControl(filter, { typed }, { type }) {
  const isInvalid = typeof filter.parse(typed) === 'string';
  const [first, second] = filter.inputs.map((input) => ({
    ...input,
    isInvalid,
    text: typed[input.name] ?? '',
    onInput: (/** @type {string} */ text) => type(filter, input.name, text),
  }));
  if (!first) return '';
  if (!second) return html`<div class="pair">${textInput(first, 'search')}</div>`;
  if (filter.control === 'days') {
    return html`<div class="pair days">
      <label><span class="word">after</span> ${dayInput(first)}</label> <label><span class="word">before</span> ${dayInput(second)}</label>
    </div>`;
  }
  return html`<div class="pair">
    ${textInput(first, 'decimal')}<span aria-hidden="true">to</span>${textInput(second, 'decimal')}
  </div>`;
}

/** @type {(input: Input, mode: 'search' | 'decimal') => unknown} */
const textInput = ({ label, isInvalid, placeholder, hint, text, length, onInput }, mode) => html`
  <input inputmode=${mode} autocomplete="off" spellcheck="false" placeholder=${placeholder} title=${hint} aria-label=${label}
    aria-invalid=${isInvalid} .style=${`--characters: ${length}`} .value=${live(text)}
    @input=${(/** @type {Typing} */ { target }) => onInput(target.value)}>
`;

/** A day that is not complete yet has the value of no day: it is not taken. @param {Input} input */
const dayInput = ({ label, isInvalid, hint, text, onInput }) => html`
  <input type="date" title=${hint} aria-label=${label} aria-invalid=${isInvalid} .value=${live(text)}
    @input=${(/** @type {Typing} */ { target }) => target.validity.badInput || onInput(target.value)}>
`;
