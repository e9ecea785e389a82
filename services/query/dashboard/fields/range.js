/** @import { Filter } from './filter.js' */
import { firstOf, oneValue } from './filter.js';
import { labelOf, wordsOf } from './words.js';

/**
 * A filter by a lower and an upper bound, both included.
 *
 * @param {object} options
 * @param {string} options.name
 * @param {number} options.length characters of an input
 * @param {boolean} options.isFacet
 * @param {boolean} options.hasExact whether there is a parameter for exactly one value, too
 * @param {(text: string) => string | undefined} options.read returns a bound as the API takes it; undefined when it is invalid
 * @param {(text: string) => string} options.expected what an invalid bound must be
 * @returns {Filter}
 */
export function rangeFilter({ name, length, isFacet, hasExact, read, expected }) {
  const [min, max] = [`min_${name}`, `max_${name}`];
  const words = wordsOf(name);
  /** @type {Filter['fault']} */
  const fault = (values) => {
    const [least, most] = [firstOf(values, min), firstOf(values, max)];
    const isEmpty = least !== undefined && most !== undefined && Number(least) > Number(most);
    return isEmpty ? `The minimum ${words} is greater than the maximum ${words}.` : undefined;
  };
  return {
    name,
    label: labelOf(name),
    control: 'range',
    isFacet,
    inputs: [
      { name: min, label: `Minimum ${words}`, length, placeholder: 'any', hint: '' },
      { name: max, label: `Maximum ${words}`, length, placeholder: 'any', hint: '' },
    ],
    parameters: [...(hasExact ? [name] : []), min, max].map((each) => ({
      name: each,
      isRepeatable: false,
      read,
    })),
    presence: undefined,
    fault,
    write(values) {
      const exact = hasExact ? firstOf(values, name) : undefined;
      return { [min]: exact ?? firstOf(values, min) ?? '', [max]: exact ?? firstOf(values, max) ?? '' };
    },
    parse(typed) {
      const texts = [min, max].map((each) => (typed[each] ?? '').trim());
      const invalid = texts.find((text) => text !== '' && read(text) === undefined);
      if (invalid !== undefined) return expected(invalid);
      const [least, most] = texts.map(read);
      const values = { ...oneValue(min, least), ...oneValue(max, most) };
      return fault(values) ?? values;
    },
  };
}

/**
 * The bounds that a range filter sets, as numbers.
 *
 * @type {(values: import('./filter.js').Values, name: string) => { min?: number, max?: number }}
 */
export function boundsOf(values, name) {
  const exact = firstOf(values, name);
  const [least, most] = [exact ?? firstOf(values, `min_${name}`), exact ?? firstOf(values, `max_${name}`)];
  return {
    ...(least === undefined ? {} : { min: Number(least) }),
    ...(most === undefined ? {} : { max: Number(most) }),
  };
}
